/// The standard library's types as JSON.
extension String: JSONDecodable, JSONEncodable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = try reader.string() }
    public func write(to json: inout JSONWriter) { json.string(self) }
}

extension Bool: JSONDecodable, JSONEncodable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = try reader.bool() }
    public func write(to json: inout JSONWriter) { json.bool(self) }
}

extension Double: JSONDecodable, JSONEncodable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = try reader.double() }
    public func write(to json: inout JSONWriter) { json.double(self) }
    /// JSON has no NaN and no infinity.
    public var isAbsent: Bool { !isFinite }
}

extension Int64: JSONDecodable, JSONEncodable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = try reader.int64() }
    public func write(to json: inout JSONWriter) { json.int(self) }
}

extension Int: JSONDecodable, JSONEncodable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = try reader.integer() }
    public func write(to json: inout JSONWriter) { json.int(Int64(self)) }
}

extension Int32: JSONDecodable, JSONEncodable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = try reader.integer() }
    public func write(to json: inout JSONWriter) { json.int(Int64(self)) }
}

extension JSONReader {
    /// Reads an integer of any width; `outOfRange` when it does not fit.
    public mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(JSONError) -> T {
        skipSpace()
        let start = position
        guard let value = T(exactly: try int64()) else {
            throw failure(.outOfRange, "the integer needs more than \(T.bitWidth) bits", at: start)
        }
        return value
    }
}

extension Array: JSONDecodable where Element: JSONDecodable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = try reader.array() }
}

extension Array: JSONEncodable where Element: JSONEncodable {
    public func write(to json: inout JSONWriter) { json.array(self) }
}

extension Optional: JSONDecodable where Wrapped: JSONDecodable {
    public init(json reader: inout JSONReader) throws(JSONError) {
        if reader.isNull() {
            try reader.null()
            self = nil
        } else {
            self = try Wrapped(json: &reader)
        }
    }
}

extension Optional: JSONEncodable where Wrapped: JSONEncodable {
    public func write(to json: inout JSONWriter) {
        if let self { self.write(to: &json) } else { json.null() }
    }
    public var isAbsent: Bool { self?.isAbsent ?? true }
}
