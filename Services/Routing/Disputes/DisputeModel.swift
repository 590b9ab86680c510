public import Contracts

/// A unit's statement that a case is not its own 派单异议. One for each unit and case; its handling clock goes on.
public struct Dispute: Hashable, Sendable {
    /// Who must decide: first the street, and when its time is up the district, who cannot pass it on.
    public enum Court: String, Hashable, Sendable {
        case street, district
    }
    public let dispatch: DispatchID
    public let department: DepartmentCode
    public let ground: DisputeGround
    public let text: String?
    public let at: Timestamp
    public internal(set) var court: Court
    public internal(set) var verdict: Verdict?

    public var isOpen: Bool { verdict == nil }
}
