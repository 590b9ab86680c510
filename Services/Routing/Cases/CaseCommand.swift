public import Contracts

/// Who acts: in which role it is judged, and under which code it is recorded.
public struct CaseActor: Hashable, Sendable {
    public enum Role: Hashable, Sendable {
        case resident
        case unit(CaseUnit)
        /// The catalogue or a clock.
        case rule
    }
    public let role: Role
    public let code: Actor

    public init(_ role: Role, code: Actor) {
        self.role = role
        self.code = code
    }
}

/// What may be asked of a case.
public enum CaseCommand: Hashable, Sendable {
    case accept
    case decline(reason: PublicText)
    case merge(into: CaseID, number: TicketNumber)
    /// Another ticket is merged into this case, or is on its own again.
    case join(CaseID, TicketNumber)
    case leave(CaseID, TicketNumber)
    case withdraw(reason: PublicText?)
    case answer(text: PublicText, photos: [PhotoID], ending: Ending)
    case whistle(WhistleID, WhistleKind, reason: PublicText)
    case refuseWhistle(reason: PublicText)
    case dispatch([Call], basis: PublicText)
    case sign(DispatchID)
    case arrive(DispatchID)
    case dispute(DispatchID, DisputeGround, text: PublicText?)
    case adjudicate(DispatchID, Ruling, reason: PublicText? = nil)
    /// A first word or a state of affairs; of a called unit, or of the holder of a filed case (`nil`).
    case progress(DispatchID?, text: PublicText)
    case complete(DispatchID, text: PublicText, photos: [PhotoID], ending: Ending? = nil)
    case verify(accepted: Bool, ending: Ending?, text: PublicText?)
    case suspend(until: Timestamp, reason: PublicText)
    case resume
    case close(Ending)
    case evaluate(Contacted, Solved, Satisfied)
    case reopen(reason: PublicText)
    case warn(ClockKind, DepartmentCode?, percent: Int)
    case expire(ClockKind, DepartmentCode?)

    /// The key of the transition table. Expiries differ by clock, everything else by name.
    public enum Kind: Hashable, Sendable {
        case accept, decline, merge, join, leave, withdraw, answer, whistle, refuseWhistle, dispatch, sign, arrive, dispute, adjudicate
        case progress, complete, verify, suspend, resume, close, evaluate, reopen, warn
        case expire(ClockKind)
    }

    public var kind: Kind {
        switch self {
        case .accept: .accept
        case .decline: .decline
        case .merge: .merge
        case .join: .join
        case .leave: .leave
        case .withdraw: .withdraw
        case .answer: .answer
        case .whistle: .whistle
        case .refuseWhistle: .refuseWhistle
        case .dispatch: .dispatch
        case .sign: .sign
        case .arrive: .arrive
        case .dispute: .dispute
        case .adjudicate: .adjudicate
        case .progress: .progress
        case .complete: .complete
        case .verify: .verify
        case .suspend: .suspend
        case .resume: .resume
        case .close: .close
        case .evaluate: .evaluate
        case .reopen: .reopen
        case .warn: .warn
        case .expire(let clock, _): .expire(clock)
        }
    }

    /// The called unit it is about.
    var dispatchID: DispatchID? {
        switch self {
        case .sign(let id), .arrive(let id), .dispute(let id, _, _), .adjudicate(let id, _, _), .complete(let id, _, _, _): id
        case .progress(let id, _): id
        default: nil
        }
    }
}

/// What happened; each becomes one event on `cases.v1` and one version.
public enum CaseChange: Hashable, Sendable {
    case opened(reason: String)
    case filed(by: Actor)
    case declined(by: Actor, reason: PublicText)
    case merged(into: CaseID, number: TicketNumber, by: Actor)
    case joined(CaseID, TicketNumber, by: Actor)
    case left(CaseID, TicketNumber, by: Actor)
    case withdrawn(reason: PublicText?)
    /// The resident wants it back, too late.
    case kept(reason: PublicText?)
    case answered(by: Actor, text: PublicText, photos: [PhotoID], ending: Ending)
    case whistled(WhistleID, WhistleKind, by: Actor, reason: PublicText)
    case refused(by: Actor, reason: PublicText)
    case dispatched([Call], by: Actor, basis: PublicText)
    case signed(DepartmentCode, byRule: Bool)
    case arrived(DepartmentCode)
    case disputed(DepartmentCode, DisputeGround, text: PublicText?)
    case adjudicated(DepartmentCode, Verdict, to: DepartmentCode?, by: Actor, reason: PublicText?)
    case progressed(CaseUnit, text: PublicText)
    case completed(DepartmentCode, text: PublicText, photos: [PhotoID])
    case verified(by: Actor, accepted: Bool, text: PublicText?)
    case suspended(by: Actor, until: Timestamp, reason: PublicText)
    case resumed(by: Actor)
    case closed(Ending)
    case reopened(by: Actor, reason: PublicText)
    case evaluated(Contacted, Solved, Satisfied)
    case warned(ClockKind, DepartmentCode?, percent: Int)
    case overdue(ClockKind, DepartmentCode?, dueAt: Timestamp)
}

/// What a command leads to: the case as it then is, what happened, and which clocks changed.
public struct Decision: Hashable, Sendable {
    public let after: Case
    public let events: [CaseChange]
    public let started: [CaseClock]
    public let stopped: [CaseClock]
    /// Called units that must be told that they are no longer called.
    public let recalled: [DispatchID]
}
