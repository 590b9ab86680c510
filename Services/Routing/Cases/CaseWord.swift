import Contracts
import EventLog
import Postgres

/// One event of a case as those who work on it read it: who did or said what, and when.
struct CaseWord: Hashable, Sendable {
    /// The raw value is stored: it never changes.
    enum Kind: String, CaseIterable, Sendable {
        case declined, answered, whistled, refused, disputed, adjudicated, progressed, completed, verified, rejected, suspended, reopened
        case withdrawn, kept, joined, left, lapsed
        case filed, merged, dispatched, signed, deemedSigned, arrived, resumed, closed, evaluated, warned, overdue
    }
    let ticket: CaseID
    let version: Int
    let kind: Kind
    /// The unit's or actor's code; empty where the event before it says who.
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

    /// Each event has its row; of the opening the case's report tells.
    private static func word(_ change: CaseChange, _ one: Case, version: Int, _ city: City) -> CaseWord? {
        func said(_ kind: Kind, _ by: some CustomStringConvertible, _ words: PublicText? = nil, _ photos: [PhotoID] = []) -> CaseWord {
            CaseWord(
                ticket: one.id, version: version, kind: kind, by: by.description, at: one.changedAt, words: words?.description,
                photos: photos)
        }
        return switch change {
        case .opened: nil
        case .filed(let by): said(.filed, by)
        case .declined(let by, let reason): said(.declined, by, reason)
        case .merged(_, let number, let by): said(.merged, by, "并入 \(number.description)")
        case .joined(_, let number, let by): said(.joined, by, "\(number.description)")
        case .left(_, let number, let by): said(.left, by, "\(number.description)")
        case .withdrawn(let reason): said(.withdrawn, Self.resident, reason)
        case .kept(let reason): said(.kept, Self.resident, reason)
        case .answered(let by, let text, let photos, _): said(.answered, by, text, photos)
        case .whistled(_, _, let by, let reason): said(.whistled, by, reason)
        case .refused(let by, let reason): said(.refused, by, reason)
        case .dispatched(let calls, let by, let basis): said(.dispatched, by, city.called(calls, basis))
        case .signed(let department, let byRule): said(byRule ? .deemedSigned : .signed, department)
        case .arrived(let department): said(.arrived, department)
        case .disputed(let department, let ground, let text):
            said(.disputed, department, text.map { "\(ground.titles.zhHans)：\($0)" } ?? "\(ground.titles.zhHans)")
        case .adjudicated(let department, let verdict, let to, let by, let reason):
            said(.adjudicated, by, city.ruling(department, verdict, to, reason))
        case .progressed(let unit, let text): said(.progressed, unit.code, text)
        case .completed(let department, let text, let photos): said(.completed, department, text, photos)
        case .verified(let by, let accepted, let text): said(accepted ? .verified : .rejected, by, text)
        case .suspended(let by, _, let reason): said(.suspended, by, reason)
        case .resumed(let by): said(.resumed, by)
        case .closed(let ending): said(.closed, "", "\(ending.titles.zhHans)")
        case .reopened(let by, let reason): said(.reopened, by, reason)
        case .evaluated(let contacted, let solved, let satisfied):
            said(.evaluated, Self.resident, "\(contacted.titles.zhHans)、\(solved.titles.zhHans)、\(satisfied.titles.zhHans)")
        case .warned(let clock, let department, let percent):
            said(.warned, department?.description ?? one.owner.code, "\(clock.titles(in: one.state).zhHans)时限已用\(percent)%")
        case .overdue(.accept, _, _): said(.lapsed, one.place.community ?? one.place.street)
        case .overdue(let clock, let department, _):
            said(.overdue, department?.description ?? one.owner.code, "\(clock.titles(in: one.state).zhHans)")
        }
    }

    private static let resident = "resident"
}

extension City {
    /// `主办：路灯所；协办：排水所、城管中队。依据：三定`
    fileprivate func called(_ calls: [Call], _ basis: PublicText) -> PublicText {
        func names(_ role: DispatchRole) -> String {
            calls.filter { $0.role == role }.map { name(of: .department($0.department)) }.joined(separator: "、")
        }
        let others = names(.coHandler)
        return "主办：\(names(.lead))\(others.isEmpty ? "" : "；协办：\(others)")。依据：\(basis)"
    }

    /// `路灯所的异议：改派城管中队。现场归城管。`
    fileprivate func ruling(
        _ department: DepartmentCode, _ verdict: Verdict, _ to: DepartmentCode?, _ reason: PublicText?
    ) -> PublicText {
        let units = "\(name(of: .department(department)))的异议：\(verdict.titles.zhHans)\(to.map { name(of: .department($0)) } ?? "")"
        return reason.map { "\(units)。\($0)" } ?? "\(units)"
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
