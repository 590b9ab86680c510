public import Contracts

/// A unit that can hold a case.
public enum CaseUnit: Hashable, Sendable {
    case community(AreaCode)
    case street(AreaCode)
    case district(AreaCode)
    case department(DepartmentCode)
    case nobody

    public var kind: OwnerKind {
        switch self {
        case .community: .community
        case .street: .street
        case .district: .district
        case .department: .department
        case .nobody: .none
        }
    }
    public var code: String {
        switch self {
        case .community(let area), .street(let area), .district(let area): area.description
        case .department(let department): department.description
        case .nobody: ""
        }
    }
}

/// Where a matter lies.
public struct CasePlace: Hashable, Sendable {
    /// The street; the district, or the city, where not even the street is sure.
    public let street: AreaCode
    /// `nil` when the place is unclear: the street then stands in for the community.
    public let community: AreaCode?
    public let grid: AreaCode?
    public let plate: PlateCode?
    public let name: String
    /// That of the street.
    public var district: AreaCode { street.district ?? street }
    /// The smallest area that is sure.
    public var area: AreaCode { grid ?? community ?? street }
    /// Who acts for the street, or for what stands in for it.
    var centre: CaseUnit { street.level == .street ? .street(street) : .district(street) }

    public init(street: AreaCode, community: AreaCode?, grid: AreaCode?, plate: PlateCode?, name: String) {
        self.street = street
        self.community = community
        self.grid = grid
        self.plate = plate
        self.name = name
    }
}

/// An approved pause 挂账.
public struct Suspension: Hashable, Sendable {
    public let approver: CaseUnit
    public let from: Timestamp
    public let until: Timestamp
    public let reason: String
    /// Where it goes on.
    public let resumesTo: CaseState
}

/// How far up a case is watched 督办: one level with each time limit that ran out, or at once where the street asked its district.
public enum Supervision: Int, Hashable, Sendable, Comparable {
    case none, street, district
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The work on one ticket. Changed by ``decide(_:by:at:in:other:)`` alone.
public struct ServiceCase: Hashable, Sendable {
    public let id: CaseID
    public let number: TicketNumber
    public let place: CasePlace
    public let category: CategoryCode
    public let urgency: Urgency
    public let channel: Channel
    public let routing: CatalogueResult
    public let submittedAt: Timestamp
    public let openedAt: Timestamp

    /// Number of events so far: one event, one version.
    public internal(set) var version: Int
    public internal(set) var state: CaseState
    public internal(set) var changedAt: Timestamp
    /// Who took the last step.
    public internal(set) var changedBy: Actor
    public internal(set) var whistle: Whistle?
    public internal(set) var dispatches: [Dispatch]
    public internal(set) var disputes: [Dispute]
    public internal(set) var suspension: Suspension?
    public internal(set) var firstAnsweredAt: Timestamp?
    public internal(set) var isContacted: Bool
    public internal(set) var isSelfHandled: Bool
    public internal(set) var proposedEnding: WorkEnding?
    public internal(set) var ending: Ending?
    public internal(set) var closedAt: Timestamp?
    public internal(set) var mergedInto: CaseID?
    /// Tickets that were merged into this case: their reporters are told what becomes of it.
    public internal(set) var joined: [JoinedTicket]
    public internal(set) var reopenCount: Int
    public internal(set) var supervision: Supervision
    /// The street took it when the community did not, it came back too often, or the street reviews a refusal: the street holds it.
    public internal(set) var isHeldByStreet: Bool
    /// The community did not take it in time: the street is called in, and who is first takes it.
    public internal(set) var isAcceptLapsed: Bool
    /// The window of the present final state is over.
    public internal(set) var isWindowOver: Bool
    public internal(set) var clocks: [CaseClock]
    /// The overall clock while no clock runs, so that it goes on unchanged after a reopening.
    var restingOverall: CaseClock?

    public var activeDispatches: [Dispatch] { dispatches.filter(\.isActive) }
    public var lead: Dispatch? { dispatches.last { $0.isActive && $0.role == .lead } }
    /// Called units that have not finished, the lead first.
    public var awaitedDispatches: [Dispatch] {
        let open = activeDispatches.filter { $0.stage != .completed }
        return open.filter { $0.role == .lead } + open.filter { $0.role != .lead }
    }
    public var openDisputes: [Dispute] { disputes.filter(\.isOpen) }

    public func clock(_ kind: ClockKind, _ department: DepartmentCode? = nil) -> CaseClock? {
        clocks.first { $0.kind == kind && $0.department == department }
    }
    func dispatch(_ id: DispatchID) -> Dispatch? { dispatches.first { $0.id == id } }
}

extension CaseState {
    /// No work is left in it; only windows run.
    public var isFinal: Bool {
        switch self {
        case .closed, .evaluated, .merged, .declined, .withdrawn: true
        default: false
        }
    }
}
