public import Contracts

/// A community's call for help 吹哨: an object of its own, closed only by the word of the one who blew it.
public struct Whistle: Hashable, Sendable {
    public let id: WhistleID
    public let kind: WhistleKind
    /// Who blew, and therefore who verifies.
    public let by: CaseUnit
    public let reason: String
    public let at: Timestamp
}

/// One unit that is to be called.
public struct Call: Hashable, Sendable {
    public let dispatch: DispatchID
    public let department: DepartmentCode
    public let role: DispatchRole

    public init(dispatch: DispatchID, department: DepartmentCode, role: DispatchRole) {
        self.dispatch = dispatch
        self.department = department
        self.role = role
    }
}

/// One unit called to one case 派单, with its own progress.
public struct Dispatch: Hashable, Sendable {
    public enum Stage: String, Hashable, Sendable, CaseIterable {
        case called, signed, disputed, completed, recalled
    }
    public let id: DispatchID
    public let department: DepartmentCode
    public let role: DispatchRole
    public let calledAt: Timestamp
    public internal(set) var stage: Stage
    public internal(set) var signedAt: Timestamp?
    /// Accepted by silence, or by a verdict, not by the unit's own hand.
    public internal(set) var isSignedByRule: Bool
    public internal(set) var arrivedAt: Timestamp?
    public internal(set) var completedAt: Timestamp?

    init(_ call: Call, at now: Timestamp) {
        id = call.dispatch
        department = call.department
        role = call.role
        calledAt = now
        stage = .called
        isSignedByRule = false
    }

    public var isActive: Bool { stage != .recalled }

    mutating func sign(at now: Timestamp, byRule: Bool) {
        stage = .signed
        if signedAt == nil {
            signedAt = now
            isSignedByRule = byRule
        }
    }
}
