import CLibrdkafka
import CPosix
import EventLoop
import Glibc
import Telemetry

/// One librdkafka client with its event queue and the eventfd that says "not empty any more".
///
/// Unchecked because the library's calls are thread-safe and all stored values are constant; the last reference destroys
/// everything in the order the library demands: queue, client, and only then the descriptor its threads write to.
final class Client: @unchecked Sendable {
    let pointer: OpaquePointer
    /// Where every event of this client arrives.
    let queue: OpaquePointer
    let wakeUp: CInt
    let loop: EventLoop
    private let log: Log
    private let errors: Counter?

    init(
        _ configuration: KafkaConfiguration, _ side: KafkaConfiguration.Side, extra: [String: String] = [:],
        on loop: EventLoop, log: Log, metrics: MetricsRegistry?
    ) throws(KafkaError) {
        let conf = try configuration.makeConf(side, extra: extra)
        rd_kafka_conf_set_events(conf, side == .consumer ? Self.consumerEvents : Self.producerEvents)
        let wakeUp = cpx_eventfd()
        guard wakeUp >= 0 else {
            rd_kafka_conf_destroy(conf)
            throw KafkaError(.system, operation: "open", message: SystemError(call: "eventfd").description)
        }
        var text = [CChar](repeating: 0, count: 512)
        let type = side == .consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER
        guard let pointer = rd_kafka_new(type, conf, &text, text.count) else {
            close(wakeUp)
            rd_kafka_conf_destroy(conf)
            throw KafkaError(.configuration, operation: "open", message: KafkaConfiguration.text(text))
        }
        self.pointer = pointer
        self.wakeUp = wakeUp
        self.loop = loop
        self.log = log
        errors = metrics?.counter("kafka_client_errors_total", "Errors the client reported and recovers from by itself.")
        rd_kafka_set_log_queue(pointer, nil)
        if side == .consumer { rd_kafka_poll_set_consumer(pointer) }
        queue = side == .consumer ? rd_kafka_queue_get_consumer(pointer) : rd_kafka_queue_get_main(pointer)
        var one: UInt64 = 1
        rd_kafka_queue_io_event_enable(queue, wakeUp, &one, 8)
    }

    deinit {
        rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
        rd_kafka_queue_destroy(queue)
        // Whoever wanted to leave the group in order has closed before; here that could block for ever.
        rd_kafka_destroy_flags(pointer, CInt(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
        loop.execute { [loop, wakeUp] in
            loop.forget(wakeUp)
            close(wakeUp)
        }
    }

    private static let producerEvents = RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG
    private static let consumerEvents =
        RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_OFFSET_COMMIT
        | RD_KAFKA_EVENT_LOG

    /// The next event, or `nil` when the queue is empty and will signal again. Also what feeds `max.poll.interval.ms`.
    func poll() -> Event? {
        rd_kafka_queue_poll(queue, 0).map(Event.init)
    }

    /// Suspends until an event arrived since the queue was last found empty, or the deadline passed.
    func wait(until deadline: ContinuousClock.Instant?) async throws(CancellationError) {
        _ = try await loop.wait(wakeUp, for: .readable, until: deadline)
        var count: UInt64 = 0
        _ = read(wakeUp, &count, 8)
    }

    /// Makes a waiting task look again.
    func wake() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, 8)
    }

    /// Logs what needs no action and counts it; the error to be thrown otherwise.
    func judge(_ event: borrowing Event) -> KafkaError? {
        switch event.type {
        case RD_KAFKA_EVENT_LOG:
            logLine(event)
            return nil
        case RD_KAFKA_EVENT_ERROR:
            let error = fatalError ?? KafkaError(event.error, "run", event.errorText, partition: event.position?.partition)
            if error.matters { return error }
            note(error)
            return nil
        default:
            return nil
        }
    }

    func note(_ error: KafkaError) {
        errors?.add()
        log.warning("kafka error", ["error": .string(error.description)])
    }

    /// The error that ended this client for good, if any.
    var fatalError: KafkaError? {
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(pointer, &text, text.count)
        if code.rawValue == 0 { return nil }
        return KafkaError(.init(rawValue: code.rawValue), operation: "run", message: KafkaConfiguration.text(text), isFatal: true)
    }

    private func logLine(_ event: borrowing Event) {
        guard let line = event.logLine else { return }
        let fields: KeyValuePairs<String, LogValue> = ["facility": .string(line.facility), "text": .string(line.text)]
        switch line.level {
        case ..<4: log.warning("librdkafka", fields)
        case 4...5: log.info("librdkafka", fields)
        default: log.debug("librdkafka", fields)
        }
    }
}

/// One event, destroyed with its messages when it goes out of scope: nothing of it can leak.
struct Event: ~Copyable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { rd_kafka_event_destroy(pointer) }

    /// For results that live inside the event: they are valid only within `body`.
    borrowing func withPointer<Value>(_ body: (OpaquePointer) throws(KafkaError) -> Value) throws(KafkaError) -> Value {
        try body(pointer)
    }

    var type: CInt { rd_kafka_event_type(pointer) }
    var error: rd_kafka_resp_err_t { rd_kafka_event_error(pointer) }
    var errorText: String { String(cString: rd_kafka_event_error_string(pointer)) }

    /// The partitions of a hand-over.
    var partitions: [KafkaPartition] {
        rd_kafka_event_topic_partition_list(pointer)?.entries.map(\.partition) ?? []
    }

    /// Where in which partition an error happened, when it concerns one.
    var position: (partition: KafkaPartition, offset: Int64)? {
        guard let found = rd_kafka_event_topic_partition(pointer) else { return nil }
        defer { rd_kafka_topic_partition_destroy(found) }
        return (KafkaPartition(String(cString: found.pointee.topic), found.pointee.partition), found.pointee.offset)
    }

    var logLine: (facility: String, text: String, level: CInt)? {
        var facility: UnsafePointer<CChar>?
        var text: UnsafePointer<CChar>?
        var level: CInt = 0
        guard rd_kafka_event_log(pointer, &facility, &text, &level) == 0, let text else { return nil }
        return (facility.map { String(cString: $0) } ?? "", String(cString: text), level)
    }

    /// Messages are valid only within `body`.
    borrowing func forEachMessage(_ body: (rd_kafka_message_t, UnsafePointer<rd_kafka_message_t>) -> Void) {
        while let message = rd_kafka_event_message_next(pointer) { body(message.pointee, message) }
    }
}

extension KafkaError {
    /// Whether somebody has to act; the rest heals by itself and is only counted.
    var matters: Bool {
        if isFatal { return true }
        switch code {
        case .offsetOutOfRange, .noStartOffset, .unknownTopicOrPartition, .unknownTopic, .unknownPartition, .authentication,
            .topicAuthorizationFailed, .groupAuthorizationFailed, .clusterAuthorizationFailed:
            return true
        default:
            return false
        }
    }
}
