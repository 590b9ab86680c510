public import Contracts
import EventLog
public import Postgres

// How the rows of a case are read: strictly. What cannot be read back is an error, never a guess.

extension PostgresRow {
    /// Text of a fixed form.
    func code<Value: LosslessStringConvertible>(_ column: StaticString) throws(PostgresError) -> Value {
        try Self.parsed(column, try self[column]) { Value($0) }
    }
    func codeIfPresent<Value: LosslessStringConvertible>(_ column: StaticString) throws(PostgresError) -> Value? {
        guard let text: String = try self[column] else { return nil }
        return try Self.parsed(column, text) { Value($0) }
    }

    /// One of a closed list of words.
    func choice<Value: RawRepresentable<String>>(_ column: StaticString) throws(PostgresError) -> Value {
        try Self.parsed(column, try self[column]) { Value(rawValue: $0) }
    }
    func choiceIfPresent<Value: RawRepresentable<String>>(_ column: StaticString) throws(PostgresError) -> Value? {
        guard let text: String = try self[column] else { return nil }
        return try Self.parsed(column, text) { Value(rawValue: $0) }
    }

    func unit(_ kind: StaticString, _ code: StaticString) throws(PostgresError) -> CaseUnit {
        guard let unit = CaseUnit(try choice(kind), try self[code]) else {
            throw .decode("column \"\(code)\": no code of the kind that \"\(kind)\" names")
        }
        return unit
    }

    func actor(_ actor: StaticString, _ person: StaticString) throws(PostgresError) -> Actor {
        let (text, person) = (try self[actor] as String, try self[person] as PersonID?)
        return try Self.parsed(actor, text) { Actor($0, person: person) }
    }

    private static func parsed<Value>(
        _ column: StaticString, _ text: String, _ parse: (String) -> Value?
    ) throws(PostgresError) -> Value {
        guard let value = parse(text) else { throw .decode("column \"\(column)\": not a \(Value.self)") }
        return value
    }
}

extension CaseUnit {
    /// `nil` for a code that is not one of that kind.
    init?(_ kind: OwnerKind, _ code: String) {
        let area = AreaCode(code)
        switch (kind, area, DepartmentCode(code)) {
        case (.community, let area?, _): self = .community(area)
        case (.street, let area?, _): self = .street(area)
        case (.district, let area?, _): self = .district(area)
        case (.department, _, let department?): self = .department(department)
        case (.none, _, _) where code.isEmpty: self = .nobody
        default: return nil
        }
    }
}

extension ServiceCase: PostgresRowDecodable {
    /// From its own row: clocks, whistle, orders, disputes and parties are rows of their own.
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        guard let supervision = Supervision(rawValue: try row["supervision"]) else {
            throw .decode("column \"supervision\": not 0, 1 or 2")
        }
        self.init(
            id: try row["ticket"], number: try row.code("number"), place: try CasePlace(row: row),
            category: try row.code("category"), urgency: try row.choice("urgency"), channel: try row.choice("channel"),
            routing: try CatalogueResult(row: row), submittedAt: try row["submitted_at"], openedAt: try row["opened_at"],
            version: try row["version"], state: try row.choice("state"), changedAt: try row["changed_at"],
            changedBy: try row.actor("changed_by", "changed_by_person"), whistle: nil,
            dispatches: [], disputes: [], suspension: try Suspension(row: row), firstAnsweredAt: try row["first_answered_at"],
            isContacted: try row["contacted"], isSelfHandled: try row["self_handled"],
            proposedEnding: try row.choiceIfPresent("proposed_ending"), ending: try row.choiceIfPresent("ending"),
            closedAt: try row["closed_at"], mergedInto: try row["merged_into"], joined: [], reopenCount: try row["reopen_count"],
            supervision: supervision, isHeldByStreet: try row["held_by_street"], isAcceptLapsed: try row["accept_lapsed"],
            isWindowOver: try row["window_over"], clocks: [], restingOverall: nil)
    }
}

extension CasePlace {
    init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            street: try row.code("street"), community: try row.codeIfPresent("community"), grid: try row.codeIfPresent("grid"),
            plate: try row.codeIfPresent("plate"), name: try row["place_name"])
    }
}

extension Suspension {
    /// `nil` when the case is not on hold.
    init?(row: borrowing PostgresRow) throws(PostgresError) {
        guard let until: Timestamp = try row["suspended_until"] else { return nil }
        self.init(
            approver: try row.unit("approver_kind", "approver"), from: try row["suspended_from"], until: until,
            reason: try row["suspension_reason"], resumesTo: try row.choice("resumes_to"))
    }
}

extension CaseReport {
    init(row: borrowing PostgresRow) throws(PostgresError) {
        let (lat, lng): (Double?, Double?) = (try row["lat"], try row["lng"])
        var point: Contracts.GeoPoint?
        if let lat, let lng { point = Contracts.GeoPoint(lat: lat, lng: lng) }
        self.init(
            text: try row["text"], photos: try row["photos"] as [PhotoID]? ?? [], point: point, hasContact: try row["has_contact"],
            reason: try row["report_reason"])
    }
}

extension Whistle: PostgresRowDecodable {
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            id: try row["id"], kind: try row.choice("kind"), by: try row.unit("by_kind", "by_unit"), reason: try row["reason"],
            at: try row["at"])
    }
}

extension Dispatch: PostgresRowDecodable {
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            Call(dispatch: try row["id"], department: try row.code("department"), role: try row.choice("role")),
            at: try row["called_at"])
        stage = try row.choice("state")
        signedAt = try row["signed_at"]
        isSignedByRule = try row["deemed_signed"]
        arrivedAt = try row["arrived_at"]
        completedAt = try row["completed_at"]
    }
}

extension Dispute {
    /// From the columns beside its order's.
    init(row: borrowing PostgresRow, of dispatch: Dispatch) throws(PostgresError) {
        self.init(
            dispatch: dispatch.id, department: dispatch.department, ground: try row.choice("ground"), text: try row["dispute_text"],
            at: try row["disputed_at"], court: try row.choice("court"), verdict: try row.choiceIfPresent("verdict"))
    }
}

extension JoinedTicket: PostgresRowDecodable {
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(ticket: try row["party"], number: try row.code("number"))
    }
}
