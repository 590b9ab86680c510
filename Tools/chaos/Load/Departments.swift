import Contracts
import DepartmentClient
import EventLoop
import Kafka
import Telemetry

/// Departments with programs of their own: they hear their calls on Kafka, sign, complete. When Kafka fails them they start
/// again, as their supervisors would.
struct Departments: Sendable {
    let bootstrap: String
    let departments: [DepartmentCode]

    func work() async {
        while !Task.isCancelled {
            var kafka = KafkaConfiguration(bootstrapServers: bootstrap)
            kafka["session.timeout.ms"] = "6000"
            kafka["topic.metadata.refresh.interval.ms"] = "1000"
            kafka["message.timeout.ms"] = "5000"
            var options = DepartmentOptions(departments: departments)
            options.group = "departments-of-chaos"
            let client = DepartmentClient(kafka, options: options, log: Log("department", level: .error, sink: Silence()))
            try? await client.run()
            guard (try? await EventLoop.shared.sleep(for: .milliseconds(300))) != nil else { return }
        }
    }
}
