import Contracts
public import JSON

// Whistles, called units and disputes as they are stored within a case.

extension Whistle: JSONObjectDecodable, JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("id", id)
        o.member("kind", kind)
        o.member("by", by)
        o.member("reason", reason)
        o.member("at", at.milliseconds)
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        try self.init(
            id: m.required("id"), kind: m.required("kind"), by: m.required("by"), reason: m.required("reason"),
            at: m.moment("at"))
    }
}

extension Dispatch: JSONObjectDecodable, JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("id", id)
        o.member("department", department)
        o.member("role", role)
        o.member("calledAt", calledAt.milliseconds)
        o.member("stage", stage.rawValue)
        o.member("signedAt", signedAt?.milliseconds)
        o.member("isSignedByRule", isSignedByRule)
        o.member("arrivedAt", arrivedAt?.milliseconds)
        o.member("completedAt", completedAt?.milliseconds)
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        let call = try Call(dispatch: m.required("id"), department: m.required("department"), role: m.required("role"))
        var dispatch = Dispatch(call, at: try m.moment("calledAt"))
        dispatch.stage = try m.read("stage") { value throws(JSONError) in
            try value.parsed("a stage of a dispatch") { Stage(rawValue: $0) }
        }
        dispatch.signedAt = try m.momentIfPresent("signedAt")
        dispatch.isSignedByRule = try m.required("isSignedByRule")
        dispatch.arrivedAt = try m.momentIfPresent("arrivedAt")
        dispatch.completedAt = try m.momentIfPresent("completedAt")
        self = dispatch
    }
}

extension Dispute: JSONObjectDecodable, JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("dispatch", dispatch)
        o.member("department", department)
        o.member("ground", ground)
        o.member("text", text)
        o.member("at", at.milliseconds)
        o.member("court", court.rawValue)
        o.member("verdict", verdict)
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        try self.init(
            dispatch: m.required("dispatch"), department: m.required("department"), ground: m.required("ground"),
            text: m.optional("text"), at: m.moment("at"),
            court: m.read("court") { value throws(JSONError) in
                try value.parsed("street or district") { Court(rawValue: $0) }
            }, verdict: m.optional("verdict"))
    }
}
