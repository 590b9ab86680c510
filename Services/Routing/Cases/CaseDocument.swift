import Contracts
public import JSON

// The case as it is stored, whole and strict: what cannot be read back is an error, never a guess. Times are milliseconds
// since 1970. A later form gets another number in `form` and a reader of its own.

extension Case: JSONObjectDecodable, JSONObjectEncodable {
    private static let form = 1

    public func write(members o: inout JSONObjectWriter) {
        o.member("form", Self.form)
        o.member("id", id)
        o.member("number", number)
        o.member("place", place)
        o.member("category", category)
        o.member("urgency", urgency)
        o.member("channel", channel)
        o.member("routing", routing)
        o.member("submittedAt", submittedAt.milliseconds)
        o.member("openedAt", openedAt.milliseconds)
        o.member("version", version)
        o.member("state", state)
        o.member("changedAt", changedAt.milliseconds)
        o.member("whistle", whistle)
        o.member("dispatches", dispatches)
        o.member("disputes", disputes)
        o.member("suspension", suspension)
        o.member("firstAnsweredAt", firstAnsweredAt?.milliseconds)
        o.member("isContacted", isContacted)
        o.member("isSelfHandled", isSelfHandled)
        o.member("proposedEnding", proposedEnding)
        o.member("ending", ending)
        o.member("closedAt", closedAt?.milliseconds)
        o.member("mergedInto", mergedInto)
        o.member("joined", joined)
        o.member("reopenCount", reopenCount)
        o.member("supervision", supervision.rawValue)
        o.member("isHeldByStreet", isHeldByStreet)
        o.member("isAcceptLapsed", isAcceptLapsed)
        o.member("isWindowOver", isWindowOver)
        o.member("clocks", clocks)
        o.member("restingOverall", restingOverall)
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        try m.read("form") { value throws(JSONError) in
            guard try Int(json: &value) == Self.form else { throw value.failure(.invalidValue, "a form of this program is due") }
        }
        try self.init(
            id: m.required("id"), number: m.required("number"), place: m.required("place"),
            category: m.required("category"), urgency: m.required("urgency"), channel: m.required("channel"),
            routing: m.required("routing"), submittedAt: m.moment("submittedAt"), openedAt: m.moment("openedAt"),
            version: m.required("version"), state: m.required("state"), changedAt: m.moment("changedAt"),
            whistle: m.optional("whistle"), dispatches: m.required("dispatches"), disputes: m.required("disputes"),
            suspension: m.optional("suspension"), firstAnsweredAt: m.momentIfPresent("firstAnsweredAt"),
            isContacted: m.required("isContacted"), isSelfHandled: m.required("isSelfHandled"),
            proposedEnding: m.optional("proposedEnding"), ending: m.optional("ending"),
            closedAt: m.momentIfPresent("closedAt"), mergedInto: m.optional("mergedInto"),
            joined: m.required("joined"),
            reopenCount: m.required("reopenCount"),
            supervision: m.read("supervision") { value throws(JSONError) in
                guard let level = Supervision(rawValue: try Int(json: &value)) else {
                    throw value.failure(.invalidValue, "0, 1 or 2 is due")
                }
                return level
            },
            isHeldByStreet: m.required("isHeldByStreet"), isAcceptLapsed: m.required("isAcceptLapsed"),
            isWindowOver: m.required("isWindowOver"),
            clocks: m.required("clocks"), restingOverall: m.optional("restingOverall"))
    }
}

extension CasePlace: JSONObjectDecodable, JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("street", street)
        o.member("community", community)
        o.member("grid", grid)
        o.member("plate", plate)
        o.member("name", name)
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        try self.init(
            street: m.required("street"), community: m.optional("community"), grid: m.optional("grid"),
            plate: m.optional("plate"), name: m.required("name"))
    }
}

extension CaseUnit: JSONDecodable, JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("kind", kind)
        o.member("code", code)
    }

    public init(json reader: inout JSONReader) throws(JSONError) {
        let start = reader
        let (kind, code) = try reader.object { m throws(JSONError) in
            try (m.required("kind", OwnerKind.self), m.required("code", String.self))
        }
        let area = AreaCode(code)
        switch (kind, area, DepartmentCode(code)) {
        case (.community, let area?, _): self = .community(area)
        case (.street, let area?, _): self = .street(area)
        case (.district, let area?, _): self = .district(area)
        case (.department, _, let department?): self = .department(department)
        case (.none, _, _) where code.isEmpty: self = .nobody
        default: throw start.failure(.invalidValue, "the code is not one of that kind")
        }
    }
}

extension Suspension: JSONObjectDecodable, JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("approver", approver)
        o.member("from", from.milliseconds)
        o.member("until", until.milliseconds)
        o.member("reason", reason)
        o.member("resumesTo", resumesTo)
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        try self.init(
            approver: m.required("approver"), from: m.moment("from"), until: m.moment("until"),
            reason: m.required("reason"), resumesTo: m.required("resumesTo"))
    }
}

extension JSONMembers {
    mutating func moment(_ name: StaticString) throws(JSONError) -> Timestamp {
        Timestamp(milliseconds: try required(name, Int64.self))
    }
    mutating func momentIfPresent(_ name: StaticString) throws(JSONError) -> Timestamp? {
        try optional(name, Int64.self).map { Timestamp(milliseconds: $0) }
    }
}
