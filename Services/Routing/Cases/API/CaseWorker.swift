import Contracts
import HTTP
import Postgres
import ServiceKit

/// Who of the staff asks, for which unit, and what that unit may see. Everybody else sees nothing.
struct CaseWorker: Sendable {
    let member: StaffMember
    let unit: CaseUnit
    let actor: Actor

    /// Where the unit works; nothing for a department, which serves where it is called.
    var area: AreaCode? {
        switch unit {
        case .community(let area), .street(let area), .district(let area): area
        case .department, .nobody: nil
        }
    }

    /// Throws 401 without a token, 403 for a role or organisation that has no business here.
    init(_ request: HTTPRequest, _ staff: StaffDirectory, as roles: Set<StaffRole> = CaseWorker.deciding) throws(Problem) {
        try self.init(staff.authenticate(request), as: roles)
    }

    init(_ member: StaffMember, as roles: Set<StaffRole>) throws(Problem) {
        guard roles.contains(member.role), let unit = Self.unit(member), let actor = Actor(unit: unit, person: member.person) else {
            throw Problem(403, "not-your-role", detail: "Your role or organisation may not do this.")
        }
        self.member = member
        self.unit = unit
        self.actor = actor
    }

    /// Who may decide something. Departments answer through their topic.
    static let deciding: Set<StaffRole> = [.community, .street, .district]
    static let reading: Set<StaffRole> = [.community, .street, .district, .department]

    private static func unit(_ member: StaffMember) -> CaseUnit? {
        let area = AreaCode(member.organisation)
        switch member.role {
        case .community: return area?.level == .community ? area.map(CaseUnit.community) : nil
        case .street: return area?.level == .street ? area.map(CaseUnit.street) : nil
        case .district: return area?.level == .district || area?.level == .city ? area.map(CaseUnit.district) : nil
        case .department: return DepartmentCode(member.organisation).map(CaseUnit.department)
        default: return nil
        }
    }

    /// Whether the case is any of the unit's business. What is not, does not exist for it.
    func sees(_ serviceCase: ServiceCase) -> Bool {
        switch unit {
        case .community(let area): serviceCase.place.community == area
        case .street(let area): serviceCase.place.street == area
        case .district(let area): area.contains(serviceCase.place.street)
        case .department(let code): serviceCase.dispatches.contains { $0.department == code }
        case .nobody: false
        }
    }
}
