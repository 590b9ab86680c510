import Contracts
import FoundationEssentials

/// A page of one partition's records in bytes: a tenth of what JSON with base64 costs, for readers of whole histories.
///
/// Numbers are big-endian. A record: its length without these four bytes (4); pos, seq, time in ms (8 each); version and generation
/// (4 each); hash and id (16 each); cause (16, zero for none); then type, subject, trace, headers, payload, each with its length (4) before it.
/// Topic and partition are the page's, so they are not repeated.
public enum StreamFrames {
    /// The media type; a change of the layout gets a new one.
    public static let mediaType = "application/vnd.shao.stream-1"

    /// All records must be of one partition.
    public static func write(_ records: [StreamRecord]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(records.reduce(0) { $0 + $1.event.payload.count + 256 })
        for record in records { append(record, to: &out) }
        return out
    }

    /// Throws `.damaged` for bytes that are no such page.
    public static func read(_ bytes: [UInt8], _ partition: StreamPartition) throws(EventLogError) -> [StreamRecord] {
        var records: [StreamRecord] = []
        var names: [String] = []
        var reader = FrameReader(bytes)
        while !reader.isAtEnd {
            let length = Int(try reader.number(UInt32.self))
            let end = try reader.offset(after: length)
            let pos = try reader.number(Int64.self)
            let seq = try reader.number(Int64.self)
            let time = try reader.number(Int64.self)
            let version = try reader.number(Int32.self)
            let generation = try reader.number(Int32.self)
            let hash = try reader.bytes(16)
            let id = try reader.uuid()
            let cause = try reader.uuid()
            let type = try reader.name(&names)
            let subject = try reader.text()
            let trace = try reader.text()
            let headers = try reader.field()
            let payload = try reader.field()
            guard reader.offset == end else { throw FrameReader.damaged }
            var record = StreamRecord(
                pos: pos, seq: seq, hash: hash,
                event: CommittedEvent(
                    topic: partition.topic, part: partition.part, subject: subject, version: version, id: id, type: type,
                    time: Timestamp(milliseconds: time), cause: cause == FrameReader.none ? nil : cause,
                    trace: trace.isEmpty ? nil : trace, headers: headers.isEmpty ? [] : HeaderBytes.read(headers), payload: payload))
            record.generation = generation
            records.append(record)
        }
        return records
    }

    private static func append(_ record: StreamRecord, to out: inout [UInt8]) {
        let event = record.event
        let start = out.count
        put(UInt32(0), &out)
        put(record.pos, &out)
        put(record.seq, &out)
        put(event.time.milliseconds, &out)
        put(event.version, &out)
        put(record.generation, &out)
        out.append(contentsOf: record.hash)
        withUnsafeBytes(of: event.id.uuid) { out.append(contentsOf: $0) }
        withUnsafeBytes(of: (event.cause ?? FrameReader.none).uuid) { out.append(contentsOf: $0) }
        for text in [event.type, event.subject, event.trace ?? ""] {
            put(UInt32(truncatingIfNeeded: text.utf8.count), &out)
            out.append(contentsOf: text.utf8)
        }
        for bytes in [event.headers.isEmpty ? [] : HeaderBytes.write(event.headers), event.payload] {
            put(UInt32(truncatingIfNeeded: bytes.count), &out)
            out.append(contentsOf: bytes)
        }
        let length = UInt32(truncatingIfNeeded: out.count - start - 4)
        for place in 0..<4 { out[start + place] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * place)) }
    }

    private static func put(_ number: some FixedWidthInteger, _ out: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { out.append(contentsOf: $0) }
    }
}

/// Reads a page's fields one behind the other and never beyond its end.
private struct FrameReader {
    static let damaged = EventLogError(.damaged, "not a page of a stream")
    static let none = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    private let all: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { all = bytes }

    var isAtEnd: Bool { offset == all.count }

    func offset(after count: Int) throws(EventLogError) -> Int {
        guard count >= 0, count <= all.count - offset else { throw Self.damaged }
        return offset + count
    }

    private mutating func take(_ count: Int) throws(EventLogError) -> ArraySlice<UInt8> {
        let end = try offset(after: count)
        defer { offset = end }
        return all[offset..<end]
    }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type) throws(EventLogError) -> Number {
        let bytes = try take(MemoryLayout<Number>.size)
        return Number(bigEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: Number.self) })
    }

    mutating func bytes(_ count: Int) throws(EventLogError) -> [UInt8] { Array(try take(count)) }

    mutating func uuid() throws(EventLogError) -> UUID {
        try take(16).withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    mutating func field() throws(EventLogError) -> [UInt8] { try bytes(Int(try number(UInt32.self))) }

    mutating func text() throws(EventLogError) -> String {
        guard let text = String(validating: try take(Int(try number(UInt32.self))), as: UTF8.self) else { throw Self.damaged }
        return text
    }

    /// A text that is one of few: made once.
    mutating func name(_ known: inout [String]) throws(EventLogError) -> String {
        let bytes = try take(Int(try number(UInt32.self)))
        if let found = known.first(where: { $0.utf8.elementsEqual(bytes) }) { return found }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.damaged }
        if known.count < 64 { known.append(text) }
        return text
    }
}
