import Contracts
public import JSON

// Clocks as they are stored within a case.

extension CaseClock: JSONDecodable, JSONEncodable {
    public func write(to json: inout JSONWriter) {
        json.object { o in
            o.member("kind", kind)
            o.member("department", department)
            o.member("startedAt", startedAt.milliseconds)
            o.member("dueAt", dueAt.milliseconds)
            o.member("value", limit.value)
            o.member("unit", limit.unit.rawValue)
            o.member("heldWith", heldWith)
            o.member("warned", warned)
            o.member("isOverdue", isOverdue)
        }
    }

    public init(json reader: inout JSONReader) throws(JSONError) {
        self = try reader.object { m throws(JSONError) in
            let unit = try m.read("unit") { value throws(JSONError) in
                try value.parsed("a unit of time") { ClockUnit(rawValue: $0) }
            }
            let limit = try m.read("value") { value throws(JSONError) in
                guard let limit = ClockLimit(try Int(json: &value), unit) else { throw value.failure(.outOfRange, "1 to 100000 is due") }
                return limit
            }
            return try CaseClock(
                kind: m.required("kind"), department: m.optional("department"), startedAt: m.moment("startedAt"),
                dueAt: m.moment("dueAt"), limit: limit, heldWith: m.optional("heldWith"), warned: m.required("warned"),
                isOverdue: m.required("isOverdue"))
        }
    }
}
