import Contracts
import EventLog
import Postgres

/// A case as far as its evaluation is concerned.
struct Evaluable: PostgresRowDecodable, Sendable, Equatable {
    var ticket: TicketID
    var number: TicketNumber
    /// The smallest area that is sure.
    var area: AreaCode
    var department: DepartmentCode?
    var categoryName: String
    var place: String?
    var answer: String?
    var answerPhotos: [PhotoID] = []
    var closing: Closing
    var ending: Ending?
    var closedAt: Timestamp?
    /// nil: no window.
    var openUntil: Timestamp?
    var areaName: String?
    var departmentName: String?

    /// Where it was, in words.
    var placeName: String { place.flatMap { $0.isEmpty ? nil : $0 } ?? areaName ?? area.description }
    /// Who is answerable for how it went.
    var unit: String { department.map { departmentName ?? $0.description } ?? areaName ?? area.description }
}

extension Evaluable {
    init(row: borrowing PostgresRow) throws(PostgresError) {
        ticket = try row["ticket"]
        number = try parsed(try row["number"], TicketNumber.init)
        area = try parsed(try row["area"], AreaCode.init)
        let department: String? = try row["department"]
        self.department = try parsed(department, DepartmentCode.init)
        categoryName = try row["category_name"]
        place = try row["place"]
        answer = try row["answer"]
        answerPhotos = try row["answer_photos"]
        closing = Closing(work: try row["work"], round: try row["round"])
        let ending: String? = try row["ending"]
        self.ending = try parsed(ending, Ending.init(rawValue:))
        closedAt = try row["closed_at"]
        openUntil = try row["open_until"]
        areaName = try row["area_name"]
        departmentName = try row["department_name"]
    }
}

/// One closing of one case: what a party evaluates once. Cases count their closings each for itself, so the number alone names none.
struct Closing: Sendable, Hashable {
    /// The case whose work it is: the ticket's own, or the one that the ticket was merged into.
    var work: TicketID
    /// 0: never closed.
    var round: Int32
}

/// An evaluation as it was filed.
struct GivenEvaluation: PostgresRowDecodable, Sendable, Equatable {
    var id: EvaluationID
    var closing: Closing
    var party: Party
    var opinion: Opinion
    var givenAt: Timestamp
    var key: String?
    var bodyHash: [UInt8]
}

extension GivenEvaluation {
    init(row: borrowing PostgresRow) throws(PostgresError) {
        id = try row["id"]
        closing = Closing(work: try row["work"], round: try row["round"])
        party = try parsed(try row["party"], Party.init(rawValue:))
        let codes: [String] = try row["reasons"]
        var reasons: [ReasonCode] = []
        for code in codes { reasons.append(try parsed(code, ReasonCode.init)) }
        opinion = Opinion(
            contacted: try parsed(try row["contacted"], Contacted.init(rawValue:)),
            solved: try parsed(try row["solved"], Solved.init(rawValue:)),
            satisfied: try parsed(try row["satisfied"], Satisfied.init(rawValue:)), reasons: reasons,
            words: PublicText(scrubbing: try row["words"] as String?))
        givenAt = try row["given_at"]
        key = try row["idempotency"]
        bodyHash = try row["body_hash"]
    }
}

private func parsed<T>(_ text: String, _ parse: (String) -> T?) throws(PostgresError) -> T {
    guard let value = parse(text) else { throw PostgresError.decode("\(T.self): not one of ours") }
    return value
}

private func parsed<T>(_ text: String?, _ parse: (String) -> T?) throws(PostgresError) -> T? {
    guard let text else { return nil }
    return .some(try parsed(text, parse))
}
