import CLibrdkafka
import CPosix
import EventLoop
import Glibc

/// Commits of stored offsets and their answers, on a queue and an eventfd of their own: an answer may be awaited while
/// another task is suspended in `nextBatch`, and a descriptor has room for one waiter.
///
/// Holds the client, because its queue must be destroyed first.
final class CommitQueue {
    private let client: Client
    private let queue: OpaquePointer
    private let wakeUp: CInt
    private var pending = 0
    private let turn = AsyncMutex()

    init(_ client: Client) throws(KafkaError) {
        wakeUp = cpx_eventfd()
        guard wakeUp >= 0 else { throw KafkaError(.system, operation: "open", message: SystemError(call: "eventfd").description) }
        self.client = client
        queue = rd_kafka_queue_new(client.pointer)
        var one: UInt64 = 1
        rd_kafka_queue_io_event_enable(queue, wakeUp, &one, 8)
    }

    deinit {
        rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
        rd_kafka_queue_destroy(queue)
        let loop = client.loop
        loop.execute { [wakeUp] in
            loop.forget(wakeUp)
            close(wakeUp)
        }
    }

    /// Sends a commit of everything stored; the answer is looked at by whoever comes next.
    func start() throws(KafkaError) {
        let code = rd_kafka_commit_queue(client.pointer, nil, queue, nil, nil)
        if code.rawValue != 0 { throw KafkaError(code, "commit") }
        pending += 1
    }

    /// Takes in answers; the last refusal among them.
    func answers() -> KafkaError? {
        var refusal: KafkaError?
        while let event = rd_kafka_queue_poll(queue, 0).map(Event.init) {
            guard event.type == RD_KAFKA_EVENT_OFFSET_COMMIT else { continue }
            pending -= 1
            if event.error.rawValue != 0 && event.error != RD_KAFKA_RESP_ERR__NO_OFFSET {
                refusal = KafkaError(event.error, "commit")
            }
        }
        return refusal
    }

    /// Commits everything stored and waits for the coordinator's answer.
    func run(until deadline: ContinuousClock.Instant) async throws(KafkaError) {
        await turn.take()
        defer { turn.pass() }
        try start()
        while true {
            if let refusal = answers() { throw refusal }
            if pending <= 0 { return }
            if ContinuousClock.now >= deadline {
                throw KafkaError(.timedOut, operation: "commit", message: "no answer in time", isRetriable: true)
            }
            do { _ = try await client.loop.wait(wakeUp, for: .readable, until: deadline) } catch { throw .cancelled("commit") }
            var count: UInt64 = 0
            _ = read(wakeUp, &count, 8)
        }
    }
}
