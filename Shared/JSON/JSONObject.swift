/// A value whose JSON form is an object, read member by member.
public protocol JSONObjectDecodable: JSONDecodable {
    /// Asks for the members that the value knows; what is left over is judged by the reader's own rule.
    init(members: inout JSONMembers) throws(JSONError)
}

extension JSONObjectDecodable {
    public init(json reader: inout JSONReader) throws(JSONError) {
        self = try reader.object { members throws(JSONError) in try Self(members: &members) }
    }
}

/// A value whose JSON form is an object. Who writes an object of more members than the value's own begins with these.
public protocol JSONObjectEncodable: JSONEncodable {
    func write(members: inout JSONObjectWriter)
}

extension JSONObjectEncodable {
    public func write(to json: inout JSONWriter) { json.object { write(members: &$0) } }
}
