import Contracts
import EventLog
import Postgres

/// What somebody said while working on a case: kept for those who work on it after them.
struct CaseWord: Hashable, Sendable {
    enum Kind: String, Sendable {
        case declined, answered, whistled, refused, disputed, adjudicated, progressed, completed, verified, rejected, suspended, reopened
        case withdrawn, kept, joined, left, lapsed
    }
    let ticket: CaseID
    let version: Int
    let kind: Kind
    /// The unit's or actor's code.
    let by: String
    let at: Timestamp
    let words: String?
    let photos: [PhotoID]

    /// The words of one outcome, with the versions of the events that carry them.
    static func all(_ outcome: CaseOutcome, in city: City) -> [CaseWord] {
        outcome.decisions.flatMap { decision in
            let first = decision.after.version - decision.events.count
            return decision.events.enumerated().compactMap { place, change in
                word(change, decision.after, version: first + place + 1, city)
            }
        }
    }

    private static func word(_ change: CaseChange, _ one: Case, version: Int, _ city: City) -> CaseWord? {
        func said(_ kind: Kind, _ by: some CustomStringConvertible, _ words: String?, _ photos: [PhotoID] = []) -> CaseWord {
            CaseWord(ticket: one.id, version: version, kind: kind, by: by.description, at: one.changedAt, words: words, photos: photos)
        }
        return switch change {
        case .declined(let by, let reason): said(.declined, by, reason)
        case .answered(let by, let text, let photos, _): said(.answered, by, text, photos)
        case .whistled(_, _, let by, let reason): said(.whistled, by, reason)
        case .refused(let by, let reason): said(.refused, by, reason)
        case .disputed(let department, let ground, let text):
            said(.disputed, department, [ground.titles.zhHans, text].compactMap(\.self).joined(separator: "："))
        case .adjudicated(let department, let verdict, let to, let by, let reason):
            said(.adjudicated, by, ruling(department, verdict, to, reason, city))
        case .joined(_, let number, let by): said(.joined, by, number.description)
        case .left(_, let number, let by): said(.left, by, number.description)
        case .overdue(.accept, _, _): said(.lapsed, one.place.community ?? one.place.street, nil)
        case .progressed(let unit, let text): said(.progressed, unit.code, text)
        case .completed(let department, let text, let photos): said(.completed, department, text, photos)
        case .verified(let by, let accepted, let text): said(accepted ? .verified : .rejected, by, text)
        case .suspended(let by, _, let reason): said(.suspended, by, reason)
        case .reopened(let reason): said(.reopened, "resident", reason)
        case .withdrawn(let reason): said(.withdrawn, "resident", reason)
        case .kept(let reason): said(.kept, "resident", reason)
        default: nil
        }
    }
}

extension CaseWord {
    /// `路灯所的异议：改派城管中队。现场归城管。`
    private static func ruling(
        _ department: DepartmentCode, _ verdict: Verdict, _ to: DepartmentCode?, _ reason: String?, _ city: City
    ) -> String {
        let units =
            "\(city.name(of: .department(department)))的异议：\(verdict.titles.zhHans)\(to.map { city.name(of: .department($0)) } ?? "")"
        return reason.map { "\(units)。\($0)" } ?? units
    }
}

extension CaseWord: PostgresRowDecodable {
    init(row: borrowing PostgresRow) throws(PostgresError) {
        ticket = try row["ticket"]
        version = Int(try row["version"] as Int32)
        let kind: String = try row["kind"]
        guard let known = Kind(rawValue: kind) else { throw PostgresError.decode("kind of word: \(kind)") }
        self.kind = known
        by = try row["said_by"]
        at = try row["said_at"]
        words = try row["words"]
        let photos: String = try row["photos"]
        self.photos = photos.split(separator: " ").compactMap { PhotoID(String($0)) }
    }
}
