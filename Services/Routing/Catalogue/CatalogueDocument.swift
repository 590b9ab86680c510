import Contracts
public import JSON

// What the catalogue said, as it is stored within a case: with the version and row that decided.

extension CatalogueResult: JSONDecodable, JSONEncodable {
    public func write(to json: inout JSONWriter) {
        json.object { o in
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
    }

    public init(json reader: inout JSONReader) throws(JSONError) {
        self = try reader.object { m throws(JSONError) in
            try CatalogueResult(
                level: m.read("level") { value throws(JSONError) in
                    try value.parsed("community, street, department or district") { HandlingLevel(rawValue: $0) }
                },
                lead: m.optional("lead"), coHandlers: m.required("coHandlers"), clocks: m.required("clocks"),
                isDepartmentOnly: m.required("departmentOnly"), basis: m.required("basis"), row: m.optional("row"),
                version: m.required("version"), reason: m.required("reason"), alarm: m.optional("alarm"))
        }
    }
}

extension CatalogueAlarm: JSONDecodable, JSONEncodable {
    public func write(to json: inout JSONWriter) {
        json.object { o in
            o.member("row", row)
            o.member("code", code)
            o.member("reason", reason)
        }
    }

    public init(json reader: inout JSONReader) throws(JSONError) {
        self = try reader.object { m throws(JSONError) in
            try CatalogueAlarm(row: m.required("row"), code: m.required("code"), reason: m.required("reason"))
        }
    }
}
