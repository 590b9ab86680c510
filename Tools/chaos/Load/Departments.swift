import Contracts
import DepartmentClient
import EventLoop
import Kafka
import Telemetry

/// Departments with programs of their own: they hear their calls on Kafka, sign, complete. When Kafka fails them they start
/// again, as their supervisors would.
struct Departments: Sendable {
    let broker: Broker
    let departments: [DepartmentTopics]

    func work() async {
        while !Task.isCancelled {
            var kafka = KafkaConfiguration(bootstrapServers: broker.bootstrap)
            kafka["session.timeout.ms"] = "6000"
            kafka["topic.metadata.refresh.interval.ms"] = "1000"
            kafka["message.timeout.ms"] = "5000"
            var options = DepartmentOptions(departments: departments)
            options.group = "departments-of-chaos"
            let client = DepartmentClient(kafka, options: options, log: Log("department", level: .error, sink: Silence()))
            // Their client library may never find a broker that came back elsewhere; whoever runs them starts them again.
            let broker = broker
            let life = broker.incarnation
            let running = Task(executorPreference: EventLoop.shared) { try? await client.run() }
            await withTaskCancellationHandler {
                let watching = Task(executorPreference: EventLoop.shared) {
                    while broker.incarnation == life, (try? await EventLoop.shared.sleep(for: .milliseconds(500))) != nil {}
                    if !Task.isCancelled { running.cancel() }
                }
                await running.value
                watching.cancel()
            } onCancel: {
                running.cancel()
            }
            guard (try? await EventLoop.shared.sleep(for: .milliseconds(300))) != nil else { return }
        }
    }
}
