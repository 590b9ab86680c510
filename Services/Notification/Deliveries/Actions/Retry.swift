import Contracts
import HTTP

/// 重发: a person takes it upon them to send once more what failed or is unclear. It has no fields and says no event: what comes of the
/// new attempts does (`delivery.settled`).
enum Retry {
    /// In the address.
    static let name = "retry"
    /// Of a place's staff, for the deliveries of their own area.
    static let by: [StaffRole] = [.street, .district]
    /// What was sent is never sent again by hand, and what is under way needs no hand.
    static let from: Set<DeliveryState> = [.failed, .unknown]
    /// For one that stands otherwise, also by the time when it is to be queued.
    static let refusal = Problem.conflict("not-retriable", "Only what failed or is unclear can be sent again.")
}
