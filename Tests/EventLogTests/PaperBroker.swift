import Contracts
import EventLoop
import Kafka
import Synchronization

@testable import EventLog

/// A broker on paper: keeps what it is sent, and loses what a test tells it to lose.
final class PaperBroker: Sendable {
    struct Gone: Error {}
    struct State {
        var id = "paper-1"
        var logs: [String: [Int32: [StreamRecord]]] = [:]
        var created: [String] = []
        var sends = 0
        /// So many records are dropped without a word.
        var dropping = 0
        /// What is refused, of a batch of so many.
        var refusing: (@Sendable (StreamRecord, _ batch: Int) -> KafkaError.Code?)?
    }
    private let state = Mutex(State())
    let saysOffsets: Bool

    init(_ topics: [Topic], saysOffsets: Bool = true) {
        self.saysOffsets = saysOffsets
        state.withLock { state in for topic in topics { state.logs[topic.name] = [:] } }
    }

    func change(_ body: (inout sending State) -> Void) { state.withLock { body(&$0) } }
    var now: State {
        state.withLock {
            State(id: $0.id, logs: $0.logs, created: $0.created, sends: $0.sends, dropping: $0.dropping, refusing: $0.refusing)
        }
    }

    func sink() -> any RecordSink { Session(broker: self) }

    func log(_ topic: Topic, _ part: Int32 = 0) -> [StreamRecord] { now.logs[topic.name]?[part] ?? [] }

    func cut(_ topic: Topic, _ part: Int32 = 0, last count: Int) {
        change { $0.logs[topic.name]?[part]?.removeLast(count) }
    }

    private final class Session: RecordSink {
        let broker: PaperBroker
        private let closed = Mutex(false)
        init(broker: PaperBroker) { self.broker = broker }
        var saysOffsets: Bool { broker.saysOffsets }

        func send(_ records: [StreamRecord]) async throws -> [Result<Receipt, any Error>] {
            if closed.withLock({ $0 }) { throw Gone() }
            return broker.state.withLock { state in
                state.sends += records.count
                return records.map { record in
                    let (topic, part) = (record.event.topic, record.event.part)
                    if let code = state.refusing?(record, records.count) {
                        return .failure(KafkaError(code, operation: "deliver", message: "on paper"))
                    }
                    guard state.logs[topic] != nil else {
                        return .failure(KafkaError(.unknownTopic, operation: "deliver", message: "not on this paper"))
                    }
                    if state.dropping > 0 {
                        state.dropping -= 1
                        return .success(Receipt(offset: nil))
                    }
                    state.logs[topic]?[part, default: []].append(record)
                    let offset = Int64(state.logs[topic]?[part]?.count ?? 0) - 1
                    return .success(Receipt(offset: broker.saysOffsets ? offset : nil))
                }
            }
        }

        func cluster() async throws -> BrokerCluster {
            let now = broker.now
            return BrokerCluster(id: now.id, topics: Set(now.logs.keys))
        }

        func ends(of partitions: [StreamPartition]) async throws -> [StreamPartition: Int64] {
            let now = broker.now
            return Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(now.logs[$0.topic]?[$0.part]?.count ?? 0)) })
        }

        func create(_ topics: [Topic]) async throws {
            broker.change { state in
                for topic in topics where state.logs[topic.name] == nil {
                    state.logs[topic.name] = [:]
                    state.created.append(topic.name)
                }
            }
        }

        func close(drainingFor patience: Duration) async { closed.withLock { $0 = true } }
    }
}

/// The machine's time, twenty times faster.
struct QuickPace: Pace {
    private let real = LoopPace()
    func elapsed() -> Duration { real.elapsed() * 20 }
    func pause(for duration: Duration) async throws(CancellationError) { try await real.pause(for: duration / 20) }
    func random(in range: ClosedRange<Int>) -> Int { real.random(in: range) }
    func bell() -> any Bell { QuickBell(real: real.bell()) }

    private struct QuickBell: Bell {
        let real: any Bell
        func ring() { real.ring() }
        func wait(atMost duration: Duration) async throws(CancellationError) { try await real.wait(atMost: duration / 20) }
    }
}
