import Contracts
public import JSON

// What the catalogue said, as it is stored within a case: with the version and row that decided.

extension CatalogueResult: JSONObjectDecodable, JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("level", level.rawValue)
        o.member("lead", lead)
        o.member("coHandlers", coHandlers)
        o.member("clocks", clocks)
        o.member("departmentOnly", isDepartmentOnly)
        o.member("basis", basis)
        o.member("row", row)
        o.member("version", version)
        o.member("reason", reason)
        o.member("alarm", alarm)
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        try self.init(
            level: m.read("level") { value throws(JSONError) in
                try value.parsed("community, street, department or district") { HandlingLevel(rawValue: $0) }
            },
            lead: m.optional("lead"), coHandlers: m.required("coHandlers"), clocks: m.required("clocks"),
            isDepartmentOnly: m.required("departmentOnly"), basis: m.required("basis"), row: m.optional("row"),
            version: m.required("version"), reason: m.required("reason"), alarm: m.optional("alarm"))
    }
}

extension CatalogueAlarm: JSONObjectDecodable, JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("row", row)
        o.member("code", code)
        o.member("reason", reason)
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        try self.init(row: m.required("row"), code: m.required("code"), reason: m.required("reason"))
    }
}
