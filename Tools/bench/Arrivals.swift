import EventLoop
import Glibc
import Kafka
import Synchronization
import Telemetry

/// Reads topics as a department does, and notes when each ticket was first heard of there.
final class Arrivals: Sendable {
    private let consumer: KafkaConsumer
    private let assigned: Signal
    private let state = Mutex<[TicketKey: UInt64]>([:])

    init(servers: String, topics: [String]) throws {
        var configuration = KafkaConfiguration(bootstrapServers: servers)
        configuration["auto.offset.reset"] = "latest"
        configuration["fetch.wait.max.ms"] = "10"
        let assigned = Signal(on: .shared)
        self.assigned = assigned
        consumer = try KafkaConsumer(
            configuration, group: "bench-\(getpid())", topics: topics, on: .shared, log: Log("bench", level: .error), metrics: nil,
            onAssign: { _ in
                assigned.raise()
                return [:]
            })
    }

    var count: Int { state.withLock { $0.count } }

    /// Reads until closed.
    func run() async throws {
        while let batch = try await consumer.nextBatch(upTo: 2000, lingering: .zero, until: .now + .milliseconds(200)) {
            let moment = now()
            state.withLock { state in
                for message in batch {
                    guard let ticket = message.key.flatMap({ key in key.withUnsafeBytes { TicketKey($0) } }) else { continue }
                    if state[ticket] == nil { state[ticket] = moment }
                }
            }
        }
    }

    /// Returns once the group has given this reader its partitions, and it has had the time to ask where they end: what is
    /// written between the two would be missed.
    func ready() async throws {
        try await assigned.wait(until: .now + .seconds(30))
        try await EventLoop.shared.sleep(for: .seconds(2))
    }

    func close() async { await consumer.close() }

    /// From each ticket's acceptance to its arrival; what never arrived is counted.
    func latencies(since accepted: [(ticket: TicketKey, at: UInt64)]) -> (latencies: Latencies.Summary, missing: Int) {
        var latencies = Latencies(capacity: accepted.count)
        var missing = 0
        let seen = state.withLock { $0 }
        for (ticket, at) in accepted {
            if let moment = seen[ticket] {
                // A record can be read before the answer to the request has been.
                latencies.add(nanoseconds: moment > at ? moment - at : 0)
            } else {
                missing += 1
            }
        }
        return (latencies.summary(), missing)
    }
}
