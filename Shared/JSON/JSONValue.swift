/// Any JSON value as a tree, for tools and for what has no type. Object members keep their order.
public indirect enum JSONValue: Sendable, Hashable, JSONDecodable, JSONEncodable {
    case null
    case bool(Bool)
    case int(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    public struct Member: Sendable, Hashable {
        public let name: String
        public let value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The member of an object; `nil` when there is none or this is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The element of an array; `nil` when there is none or this is no array.
    public subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    public var text: String? { if case .string(let text) = self { text } else { nil } }
    public var integer: Int64? { if case .int(let integer) = self { integer } else { nil } }

    public init(json reader: inout JSONReader) throws(JSONError) {
        reader.skipSpace()
        switch reader.current {
        case 0x7B:
            self = .object(
                try reader.object { members throws(JSONError) in
                    var list: [Member] = []
                    try members.forEachRemaining { name, value throws(JSONError) in
                        list.append(Member(name, try JSONValue(json: &value)))
                    }
                    return list
                })
        case 0x5B: self = .array(try reader.array())
        case 0x22: self = .string(try reader.string())
        case 0x74, 0x66: self = .bool(try reader.bool())
        case 0x6E:
            try reader.null()
            self = .null
        case 0x2D, 0x30...0x39:
            let number = try reader.scanNumber("a number")
            self = number.isInteger ? .int(try reader.integer(number)) : .number(try reader.double(number))
        default: throw reader.unexpected("a value")
        }
    }

    public func write(to json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .bool(let value): json.bool(value)
        case .int(let value): json.int(value)
        case .number(let value): json.double(value)
        case .string(let value): json.string(value)
        case .array(let elements): json.array(elements)
        case .object(let members):
            json.object { object in for member in members { object.member(named: member.name, member.value) } }
        }
    }

    public var isAbsent: Bool { if case .number(let value) = self { !value.isFinite } else { false } }
}
