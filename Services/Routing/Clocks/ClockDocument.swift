import Contracts
public import JSON

// Clocks as they are stored within a case.

extension CaseClock: JSONObjectDecodable, JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
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

    public init(members m: inout JSONMembers) throws(JSONError) {
        let unit = try m.read("unit") { value throws(JSONError) in
            try value.parsed("a unit of time") { ClockUnit(rawValue: $0) }
        }
        let limit = try m.read("value") { value throws(JSONError) in
            guard let limit = ClockLimit(try Int(json: &value), unit) else { throw value.failure(.outOfRange, "1 to 100000 is due") }
            return limit
        }
        try self.init(
            kind: m.required("kind"), department: m.optional("department"), startedAt: m.moment("startedAt"),
            dueAt: m.moment("dueAt"), limit: limit, heldWith: m.optional("heldWith"), warned: m.required("warned"),
            isOverdue: m.required("isOverdue"))
    }
}
