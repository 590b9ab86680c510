import Contracts
import HTTP
import ServiceKit

/// Who may read figures: the street and its district all of them, a community its own. Everybody else nothing.
struct ReadAccess: Sendable {
    let staff: StaffDirectory
    let street: AreaCode

    /// Throws 401 without a token, 403 for other roles and for organisations that have nothing to do with this street.
    func scope(_ request: HTTPRequest) throws(Problem) -> Scope { try reader(request).scope }

    /// The same, with who it is.
    func reader(_ request: HTTPRequest) throws(Problem) -> (member: StaffMember, scope: Scope) {
        let member = try staff.authenticate(request, as: .street, .district, .community)
        guard let scope = scope(of: member) else {
            throw Problem(403, "not-your-street", detail: "These figures belong to another organisation.")
        }
        return (member, scope)
    }

    func scope(of member: StaffMember) -> Scope? {
        guard let area = AreaCode(member.organisation) else { return nil }
        switch member.role {
        case .street, .district: return area.contains(street) ? .street : nil
        case .community: return area.level == .community && street.contains(area) ? .community(area) : nil
        default: return nil
        }
    }
}

extension DayRange {
    /// `?from=2026-11-01&to=2026-11-21`, days in China, both included; the last 30 days without them. Throws 400.
    init(_ request: HTTPRequest, at now: Timestamp) throws(Problem) {
        let (from, to) = (try request.query("from", { ChineseDay($0) }), try request.query("to", { ChineseDay($0) }))
        let last = to ?? max(now.day, from ?? now.day)
        self.init(first: from ?? last.adding(days: 1 - Self.standardDays), last: last)
        guard first <= last else { throw Self.refused("from", "the period ends before it begins") }
        guard days <= Self.mostDays else { throw Self.refused("from", "at most \(Self.mostDays) days at once") }
    }

    private static func refused(_ name: String, _ detail: String) -> Problem {
        Problem(400, "bad-parameters", detail: detail, errors: [.init(pointer: "?\(name)", code: "out-of-range", detail: detail)])
    }
}

extension HTTPRequest {
    /// Throws 400 when the query has a parameter besides these: a misspelt one must not be answered with other figures.
    func allowOnly(_ names: Set<String>) throws(Problem) {
        let unknown = queryParameters.pairs.map(\.name).filter { !names.contains($0) }
        guard unknown.isEmpty else {
            throw Problem(
                400, "bad-parameters", detail: "this route takes \(names.sorted().joined(separator: ", "))",
                errors: unknown.map { .init(pointer: "?\($0)", code: "unknown") })
        }
    }
}
