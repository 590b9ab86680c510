/// A statement whose interpolations bind: `"SELECT … WHERE id = \(id)"` sends `$1` and the value beside it.
///
/// There is no way to splice text that came from outside: a `String` binds, `\(identifier:)` quotes, another `SQL`
/// is inserted with its own bindings renumbered. Printing shows placeholders only.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// The text with `$1 … $n`.
    public private(set) var text: String
    private(set) var binds: [Bind] = []
    /// All values, in Postgres' binary form, one behind the other.
    private(set) var bytes: [UInt8] = []

    struct Bind: Sendable {
        let oid: UInt32
        let offset: Int
        /// -1 is NULL.
        let length: Int
        /// Where `$n` begins in the text, to renumber it.
        let mark: Int
    }

    public init(stringLiteral value: String) { text = value }

    public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.sql }

    /// How many values are bound.
    public var bindCount: Int { binds.count }

    /// This statement with `other` behind it; its placeholders are renumbered.
    public func appending(_ other: SQL) -> SQL {
        var copy = self
        copy.append(other)
        return copy
    }

    /// Puts `other` behind this statement.
    public mutating func append(_ other: SQL) {
        if binds.isEmpty {
            let (start, base) = (text.utf8.count, bytes.count)
            text += other.text
            bytes += other.bytes
            binds = other.binds.map {
                Bind(oid: $0.oid, offset: $0.offset + base, length: $0.length, mark: $0.mark + start)
            }
            return
        }
        renumber(other)
    }

    /// Statements (conditions, assignments) one behind the other, `separator` between them. Empty gives empty text.
    public static func join(_ parts: some Sequence<SQL>, separator: SQL = ", ") -> SQL {
        var joined: SQL = ""
        for (index, part) in parts.enumerated() {
            if index > 0 { joined.append(separator) }
            joined.append(part)
        }
        return joined
    }

    private mutating func renumber(_ other: SQL) {
        let utf8 = other.text.utf8
        let base = bytes.count
        bytes += other.bytes
        var rest = utf8.startIndex
        var position = 0
        for bind in other.binds {
            let dollar = utf8.index(rest, offsetBy: bind.mark - position)
            text += other.text[rest..<dollar]
            place(oid: bind.oid, offset: bind.offset + base, length: bind.length)
            rest = utf8.index(after: dollar)
            while rest < utf8.endIndex, (0x30...0x39).contains(utf8[rest]) { rest = utf8.index(after: rest) }
            position = utf8.distance(from: utf8.startIndex, to: rest)
        }
        text += other.text[rest...]
    }

    private mutating func place(oid: UInt32, offset: Int, length: Int) {
        binds.append(Bind(oid: oid, offset: offset, length: length, mark: text.utf8.count))
        text += "$"
        text += String(binds.count)
    }

    fileprivate mutating func bind<Value: PostgresValue>(_ value: Value) {
        let start = bytes.count
        if value.isNull {
            place(oid: Value.oid.rawValue, offset: start, length: -1)
            return
        }
        var encoder = PostgresEncoder(bytes: bytes)
        bytes = []
        value.encode(into: &encoder)
        bytes = encoder.bytes
        place(oid: Value.oid.rawValue, offset: start, length: bytes.count - start)
    }

    mutating func dropValues() { bytes = [] }

    fileprivate mutating func write(_ literal: String) { text += literal }

    fileprivate mutating func reserve(_ literalCapacity: Int, _ count: Int) {
        text.reserveCapacity(literalCapacity + 4 * count)
        binds.reserveCapacity(count)
    }
}

extension SQL {
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql = SQL(stringLiteral: "")

        public init(literalCapacity: Int, interpolationCount: Int) {
            sql.reserve(literalCapacity, interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { sql.write(literal) }

        /// Binds a value, or an array (for `unnest` and `= ANY`).
        public mutating func appendInterpolation<Value: PostgresValue>(_ value: Value) { sql.bind(value) }

        /// Binds a value, or NULL.
        public mutating func appendInterpolation<Value: PostgresValue>(_ value: Value?) { sql.bind(value) }

        /// Another statement's text and bindings in this place.
        public mutating func appendInterpolation(_ other: SQL) { sql.append(other) }

        /// Parts with `separator` between them.
        public mutating func appendInterpolation(join parts: [SQL], separator: SQL = ", ") {
            sql.append(.join(parts, separator: separator))
        }

        /// A name of a table, column or channel, quoted.
        public mutating func appendInterpolation(identifier name: String) {
            sql.write("\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\"")
        }
    }
}

extension SQL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text, and `****` for each value.
    public var description: String {
        binds.isEmpty ? text : text + " [" + repeatElement("****", count: binds.count).joined(separator: ", ") + "]"
    }
    public var debugDescription: String { description }
    /// `dump` and failed expectations print this: no values.
    public var customMirror: Mirror { Mirror(self, children: ["text": text, "binds": binds.count]) }
}

extension SQL {
    /// What libpq would misread or refuse, found before anything is sent. A C string ends at NUL.
    func checked() -> PostgresError? {
        if binds.count > 65_535 { return PostgresError(.usage, "\(binds.count) values bound, 65535 is the limit") }
        if bytes.count > 1 << 30 { return PostgresError(.usage, "more than 1 GiB of values") }
        if text.utf8.contains(0) { return PostgresError(.usage, "NUL in the statement's text") }
        return nil
    }
}

/// A statement and who sent it.
struct Statement: Sendable {
    let sql: SQL
    let location: PostgresCallSite

    init(_ sql: SQL, _ file: StaticString, _ line: UInt) {
        self.sql = sql
        location = PostgresCallSite(file, line)
    }

    init(_ sql: SQL, at location: PostgresCallSite) {
        self.sql = sql
        self.location = location
    }
}
