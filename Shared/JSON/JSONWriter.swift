/// A value that writes itself as JSON.
public protocol JSONEncodable {
    func write(to json: inout JSONWriter)
    /// The value has no JSON form of its own (`nil`, a number that is not finite): members and elements with it are left out.
    var isAbsent: Bool { get }
}

extension JSONEncodable {
    public var isAbsent: Bool { false }

    /// The value as a document of its own.
    public var json: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}

/// Appends JSON to bytes: shortest escapes, `/` as it is, members in the order of the calls.
///
/// What has no JSON form is left out rather than made up: `nil`, NaN and infinities. A lone `.nan` therefore writes
/// nothing at all; `null` is written only when asked for. U+0000, which readers and databases refuse, becomes U+FFFD.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    public mutating func object(_ body: (inout JSONObjectWriter) -> Void) {
        bytes.append(0x7B)
        // Moved there and back: two owners would make the first append copy everything.
        var object = JSONObjectWriter(writer: take())
        body(&object)
        bytes = object.writer.take().bytes
        bytes.append(0x7D)
    }

    public mutating func array(_ body: (inout JSONArrayWriter) -> Void) {
        bytes.append(0x5B)
        var array = JSONArrayWriter(writer: take())
        body(&array)
        bytes = array.writer.take().bytes
        bytes.append(0x5D)
    }

    public mutating func array(_ elements: some Sequence<some JSONEncodable>) {
        array { array in for element in elements { array.element(element) } }
    }

    public mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { quoted($0) }
    }

    public mutating func int(_ value: Int64) {
        if value == 0 { return bytes.append(0x30) }
        if value < 0 { bytes.append(0x2D) }
        var rest = value.magnitude
        let start = bytes.count
        while rest > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(0x30 &+ UInt8(truncatingIfNeeded: digit))
            rest = quotient
        }
        bytes[start...].reverse()
    }

    /// Writes the shortest text that reads back as the same number; nothing when it is not finite.
    public mutating func double(_ value: Double) {
        if value.isFinite { bytes.append(contentsOf: value.description.utf8) }
    }

    public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    /// Writes a document as it is. The caller answers for its being JSON.
    public mutating func raw(_ document: [UInt8]) { bytes.append(contentsOf: document) }

    public mutating func null() { literal("null") }

    // MARK: Steps

    private mutating func take() -> JSONWriter {
        var taken = JSONWriter(capacity: 0)
        swap(&taken, &self)
        return taken
    }

    fileprivate mutating func byte(_ byte: UInt8) { bytes.append(byte) }

    fileprivate mutating func literal(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    fileprivate mutating func name(_ text: StaticString) { text.withUTF8Buffer { quoted($0) } }

    private mutating func quoted(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(0x22)
        var start = 0
        for index in text.indices {
            let byte = text[index]
            guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
            escape(byte)
            start = index &+ 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        bytes.append(0x22)
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: literal("\\\"")
        case 0x5C: literal("\\\\")
        case 0x08: literal("\\b")
        case 0x09: literal("\\t")
        case 0x0A: literal("\\n")
        case 0x0C: literal("\\f")
        case 0x0D: literal("\\r")
        case 0x00: literal("\u{FFFD}")
        default:
            literal(byte < 0x10 ? "\\u000" : "\\u001")
            let low = byte & 0x0F
            bytes.append(low < 10 ? 0x30 &+ low : 0x57 &+ low)
        }
    }
}

/// Members of the object being written. The caller sees to it that no name comes twice.
public struct JSONObjectWriter: Sendable {
    fileprivate(set) var writer: JSONWriter
    private var isEmpty = true

    init(writer: consuming JSONWriter) { self.writer = writer }

    /// Writes a member; leaves it out when the value is absent (`nil`, not finite).
    public mutating func member(_ name: StaticString, _ value: some JSONEncodable) {
        if value.isAbsent { return }
        begin(name)
        value.write(to: &writer)
    }

    /// A member whose name is data.
    public mutating func member(named name: String, _ value: some JSONEncodable) {
        if value.isAbsent { return }
        separate()
        writer.string(name)
        writer.byte(0x3A)
        value.write(to: &writer)
    }

    /// A member whose value is written in place.
    public mutating func member(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        begin(name)
        body(&writer)
    }

    /// A member that is an object written in place.
    public mutating func object(_ name: StaticString, _ body: (inout JSONObjectWriter) -> Void) {
        begin(name)
        writer.object(body)
    }

    private mutating func begin(_ name: StaticString) {
        separate()
        writer.name(name)
        writer.byte(0x3A)
    }

    private mutating func separate() {
        if isEmpty { isEmpty = false } else { writer.byte(0x2C) }
    }
}

/// Elements of the array being written.
public struct JSONArrayWriter: Sendable {
    fileprivate(set) var writer: JSONWriter
    private var isEmpty = true

    init(writer: consuming JSONWriter) { self.writer = writer }

    /// Writes an element; leaves it out when the value is absent.
    public mutating func element(_ value: some JSONEncodable) {
        if value.isAbsent { return }
        separate()
        value.write(to: &writer)
    }

    /// An element that is an object written in place.
    public mutating func object(_ body: (inout JSONObjectWriter) -> Void) {
        separate()
        writer.object(body)
    }

    private mutating func separate() {
        if isEmpty { isEmpty = false } else { writer.byte(0x2C) }
    }
}
