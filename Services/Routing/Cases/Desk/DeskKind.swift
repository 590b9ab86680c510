import Contracts
import Pages
import ServiceKit

/// The two desks, and in what they differ.
enum DeskKind: Sendable, CaseIterable {
    /// The street centre's: whistles to dispatch, disputes to decide, what runs late.
    case street
    /// A community's: what to accept, to answer, to verify.
    case community

    /// Its addresses.
    var page: PagePath.Desk { self == .street ? .street : .community }
    var title: Text { self == .street ? .streetDesk : .communityDesk }
    var roles: Set<StaffRole> { self == .street ? [.street, .district] : [.community] }

    /// In the order of the tabs.
    var queues: [DeskQueue] {
        switch self {
        case .street: [.whistled, .disputed, .unclear, .due, .suspended, .all]
        case .community: [.reported, .filed, .verify, .whistled, .suspended, .all]
        }
    }

    func name(of queue: DeskQueue) -> Text {
        switch queue {
        case .reported: .queueReported
        case .filed: .queueFiled
        case .verify: .queueVerify
        case .whistled: self == .street ? .queueWhistled : .queueCalled
        case .disputed: .queueDisputed
        case .unclear: .queueUnclear
        case .due: .queueDue
        case .suspended: .queueSuspended
        case .all: .queueAll
        }
    }
}
