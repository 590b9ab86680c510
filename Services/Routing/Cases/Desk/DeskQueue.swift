import Contracts

/// The queues of the two desks: which cases stand in them.
enum DeskQueue: String, Sendable, CaseIterable {
    case reported, filed, verify, whistled, disputed, unclear, due, suspended, all

    static let open: [CaseState] = CaseState.allCases.filter { !$0.isFinal }

    /// States of the queue at a desk.
    func states(_ unit: CaseUnit) -> [CaseState] {
        switch self {
        case .reported: [.reported]
        case .filed: [.filed]
        case .verify: [.answered]
        case .whistled:
            if case .community = unit { [.whistled, .dispatched, .disputed, .handling] } else { [.whistled] }
        case .disputed: [.disputed]
        case .unclear: [.reported, .filed]
        case .suspended: [.suspended]
        case .due: Self.open
        case .all: CaseState.allCases
        }
    }

    /// Whether only cases that lie with the unit itself count: the street's list is not full of what communities work on.
    var isOwn: Bool { self == .unclear || self == .reported || self == .filed || self == .verify }

    /// 将超时: so many hundredths of a clock are used, or all of it. What is late is a matter of the limit: four hours are nothing of
    /// five days and all of an emergency.
    static let soon: Int32 = 80
}
