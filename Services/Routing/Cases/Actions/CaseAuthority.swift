import Contracts

/// Who may do something to a case.
enum CaseAuthority: Hashable, Sendable {
    /// The unit that must act, or one above it.
    case holder
    /// The community, street or district of the place, whoever holds the case.
    case itsArea
    case resident, residentOrStreet
    /// The street or district while it holds the case, or the catalogue where it sends cases straight out.
    case streetOrRule
    /// The street or the district of the place, whoever holds the case.
    case streetOrDistrict
    /// The street of the place alone, whoever holds the case: what it asks of its district.
    case street
    /// The unit that the order was given to.
    case calledUnit
    /// Who must decide the dispute.
    case court
    /// The street or the district, never the holder for itself.
    case approver
    /// Who approved a pause, or one above.
    case approverOrAbove
    /// The catalogue or a clock.
    case rule

    func check(_ actor: Actor, _ serviceCase: ServiceCase, _ dispatch: DispatchID? = nil) throws(CaseRefusal) {
        let who = Standing(actor: actor, serviceCase: serviceCase)
        switch self {
        case .holder: if !who.holds(serviceCase.owner), !who.isLateCommunity { throw .notTheOwner }
        case .itsArea: if !who.isStreetOrDistrict, !who.isCommunity { throw .notTheOwner }
        case .resident: if actor.kind != .resident { throw .notTheResident }
        case .residentOrStreet: if actor.kind != .resident, !who.isStreetOrDistrict { throw .notTheStreet }
        case .streetOrRule:
            if actor.isRule {
                guard serviceCase.routing.goesStraightOut, !serviceCase.isHeldByStreet else { throw .notTheStreet }
            } else if !who.isStreetOrDistrict || !who.holds(serviceCase.owner) {
                throw .notTheStreet
            }
        case .streetOrDistrict: if !who.isStreetOrDistrict { throw .notTheStreet }
        case .street: if !who.isStreet { throw .notTheStreet }
        case .calledUnit:
            let dispatch = try serviceCase.active(dispatch)
            if actor.unit != .department(dispatch.department) { throw .notCalled }
        case .court: if !who.holds(serviceCase.owner) || !who.isStreetOrDistrict { throw .notTheCourt }
        case .approver: if !who.isStreetOrDistrict || actor.unit == serviceCase.owner && !who.isDistrict { throw .notAnApprover }
        case .approverOrAbove: if !who.holds(serviceCase.owner) { throw .notAnApprover }
        case .rule: if !actor.isRule { throw .notARule }
        }
    }
}

/// How somebody stands to a case.
struct Standing {
    let actor: Actor
    let serviceCase: ServiceCase

    var isCommunity: Bool { serviceCase.place.community.map { actor.unit == .community($0) } ?? false }
    /// The time to accept is over, the street is called in; the community may still be the first to act.
    var isLateCommunity: Bool { serviceCase.isAcceptLapsed && !serviceCase.isHeldByStreet && isCommunity }
    /// The district of the place, or the city above it.
    var isDistrict: Bool {
        guard case .district(let area)? = actor.unit else { return false }
        return area.contains(serviceCase.place.street)
    }
    var isStreet: Bool { actor.unit == .street(serviceCase.place.street) }
    var isStreetOrDistrict: Bool { actor.unit == serviceCase.place.centre || isDistrict }

    /// The unit itself, its street, or the district. A department answers for itself alone.
    func holds(_ unit: CaseUnit) -> Bool {
        if actor.unit == unit { return unit != .nobody }
        switch unit {
        case .community: return isStreetOrDistrict
        case .street: return isDistrict
        case .department, .district, .nobody: return false
        }
    }
}

extension ServiceCase {
    /// The order of that id, while the unit is called.
    func active(_ id: DispatchID?) throws(CaseRefusal) -> Dispatch {
        guard let id, let dispatch = dispatch(id) else { throw .unknownDispatch }
        guard dispatch.isActive else { throw .recalled }
        return dispatch
    }

    /// What belongs to a department may not be handed down to a community (国办函〔2025〕66号).
    func requireMayStayHere() throws(CaseRefusal) { if routing.isDepartmentOnly { throw .departmentOnly } }

    /// Who answered "cannot be done" may not have it booked as solved.
    func requireHonest(_ ending: WorkEnding?) throws(CaseRefusal) {
        guard let ending else { throw .dishonestEnding }
        if ending == .solved, state == .answered, proposedEnding == .unable { throw .dishonestEnding }
    }

    /// The window of a state in which no work is left.
    func requireOpenWindow(at now: Timestamp) throws(CaseRefusal) {
        guard let window = CaseClocks.kinds[state]?.first, let clock = clock(window), now < clock.dueAt else { throw .windowClosed }
    }
}

extension PublicText {
    var isBlank: Bool { description.allSatisfy(\.isWhitespace) }
}
