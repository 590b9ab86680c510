public import Contracts
public import FoundationEssentials
import JSON
public import Postgres
public import Telemetry

/// The door through which events leave a service: into the database, in the transaction that changes state.
///
/// Nothing is published that was not committed, because `emit` demands the transaction. Lock the aggregate's row first and
/// give its new version: that is what keeps the order within a subject.
public struct Outbox: Sendable {
    private let ids: UUIDv7Generator
    private let clock: any Timekeeper
    private let wake: @Sendable () -> Void

    /// - Parameter wake: called after a commit that emitted; coalescing, never blocking.
    public init(ids: UUIDv7Generator, clock: any Timekeeper, wake: @escaping @Sendable () -> Void = {}) {
        self.ids = ids
        self.clock = clock
        self.wake = wake
    }

    /// An event ready to be committed, with a fresh id; `trace` is the hop that led to it.
    ///
    /// - Parameter key: the record's key on a topic that is not ordered by subject; without it the subject is the key.
    public func prepare(
        _ event: some Event, topic: Topic? = nil, key: String? = nil, version: Int32, cause: EventID? = nil,
        trace: TraceContext? = TraceContext.current
    ) -> CommittedEvent {
        let topic = topic ?? type(of: event).topic
        let ownKey = key == event.subject ? nil : key
        return CommittedEvent(
            topic: topic.name, part: Int32(topic.partition(forKey: ownKey ?? event.subject)), subject: event.subject, version: version,
            id: ids.next(), type: type(of: event).versionedType, time: clock.now(), cause: cause?.uuid,
            trace: trace?.child().traceparent,
            headers: ownKey.map { [RecordHeader(name: StreamHeaders.ownKey, value: Array($0.utf8))] } ?? [], payload: event.json)
    }

    /// A record that is no event of ours, kept as it came.
    func event(
        topic: String, part: Int32, subject: String, version: Int32, type: String, headers: [RecordHeader], payload: [UInt8]
    ) -> CommittedEvent {
        CommittedEvent(
            topic: topic, part: part, subject: subject, version: version, id: ids.next(), type: type, time: clock.now(),
            headers: headers, payload: payload)
    }

    /// Adds the events to the transaction: no round trip of their own. One that no producer could send (`outbox_record_can_be_sent`) fails the
    /// transaction, and with it the use case.
    public func emit(_ events: [CommittedEvent], in transaction: inout PostgresTransaction) {
        guard !events.isEmpty else { return }
        transaction.enqueue(OutboxQueries.insert(OutboxRows(events)))
        transaction.afterCommit(wake)
    }

    /// Adds one event to the transaction.
    public func emit(
        _ event: some Event, topic: Topic? = nil, version: Int32, cause: EventID? = nil,
        in transaction: inout PostgresTransaction
    ) {
        emit([prepare(event, topic: topic, version: version, cause: cause)], in: &transaction)
    }

    /// For statements that insert outbox rows themselves (a group of requests in one statement): call when it has committed.
    public func committed() { wake() }
}

/// Events as columns, for one `unnest` statement.
public struct OutboxRows: Sendable {
    public var topics: [String] = [], parts: [Int32] = [], subjects: [String] = [], versions: [Int32] = []
    public var ids: [UUID] = [], types: [String] = [], times: [Int64] = [], causes: [UUID?] = [], traces: [String?] = []
    public var headers: [[UInt8]?] = [], payloads: [[UInt8]] = []

    public init(_ events: [CommittedEvent]) {
        for event in events {
            topics.append(event.topic)
            parts.append(event.part)
            subjects.append(event.subject)
            versions.append(event.version)
            ids.append(event.id)
            types.append(event.type)
            times.append(event.time.milliseconds)
            causes.append(event.cause)
            traces.append(event.trace)
            headers.append(event.headers.isEmpty ? nil : HeaderBytes.write(event.headers))
            payloads.append(event.payload)
        }
    }
}

enum OutboxQueries {
    static func insert(_ rows: OutboxRows) -> SQL {
        """
        INSERT INTO outbox (topic, part, subject, version, event_id, type, time, cause, trace, headers, payload)
        SELECT * FROM unnest(\(rows.topics), \(rows.parts), \(rows.subjects), \(rows.versions), \(rows.ids), \(rows.types),
            \(rows.times), \(rows.causes), \(rows.traces), \(rows.headers), \(rows.payloads))
        """
    }
}

/// Headers as bytes: per header the lengths (4 bytes each, big-endian; all ones for no value) of name and value, then both.
enum HeaderBytes {
    private static let absent = 0xFFFF_FFFF

    static func write(_ headers: [RecordHeader]) -> [UInt8] {
        var out: [UInt8] = []
        for header in headers {
            for count in [header.name.utf8.count, header.value?.count ?? absent] {
                withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).bigEndian) { out.append(contentsOf: $0) }
            }
            out.append(contentsOf: header.name.utf8)
            out.append(contentsOf: header.value ?? [])
        }
        return out
    }

    /// What could be read; damaged bytes end the list.
    static func read(_ bytes: [UInt8]) -> [RecordHeader] {
        var headers: [RecordHeader] = []
        var rest = bytes[...]
        while rest.count >= 8 {
            let name = number(rest.prefix(4))
            let length = number(rest.dropFirst(4).prefix(4))
            let value = length == absent ? 0 : length
            rest = rest.dropFirst(8)
            guard name <= rest.count, value <= rest.count - name else { break }
            headers.append(
                RecordHeader(
                    name: String(decoding: rest.prefix(name), as: UTF8.self),
                    value: length == absent ? nil : Array(rest.dropFirst(name).prefix(value))))
            rest = rest.dropFirst(name + value)
        }
        return headers
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}

extension Event {
    /// The type as the log keeps it: `ticket.submitted.v1`.
    static var versionedType: String { "\(type).v\(version)" }
}
