public import Contracts

/// One row: what a command does in a state. The table is the whole behaviour; ``CaseTable/decide(_:_:at:in:)`` reads it.
public struct Transition: Hashable, Sendable {
    public let from: CaseState
    public let command: CaseCommand.Kind
    public let guards: [CaseGuard]
    public let next: NextState
}

/// Where a row leads. What depends on the called units is worked out from them, never passed in.
public enum NextState: Hashable, Sendable {
    case to(CaseState)
    case stay
    /// disputed while a dispute is open, answered when all have completed, handling once the lead has signed, else dispatched
    case work
    /// work again: the same units, or filed when the holder does it itself
    case rework
    case resumed
    /// still on hold; when no called unit has anything left to do, the pause ends and the work is answered
    case onHold
    /// closed, or rework when rejected
    case verdict
    /// withdrawn, unless others wait for the same work
    case withdrawal
    /// evaluated, and from there reopened when it was not solved
    case evaluation
    /// the same handler, above the limit the street
    case reopening
}

/// Every state's owner and clocks: the second half of the table (DESIGN §4).
public enum OwnerRule: String, Hashable, Sendable {
    case receiver, street, lead, court, approver, verifier, nobody
}

public enum CaseTable {
    public static let owners: [CaseState: OwnerRule] = [
        .reported: .receiver, .filed: .receiver, .whistled: .street, .dispatched: .lead, .disputed: .court,
        .handling: .lead, .suspended: .approver, .answered: .verifier, .closed: .nobody, .evaluated: .nobody,
        .merged: .nobody, .declined: .nobody, .withdrawn: .nobody,
    ]

    /// Clocks of a state besides the overall one, which runs in every state that is not final.
    /// `sign`, `arrive`, `handle` and `adjudicate` run once for each unit they are about.
    public static let clocks: [CaseState: Set<ClockKind>] = [
        .reported: [.accept, .dispatch, .firstAnswer],
        .filed: [.firstAnswer, .handle],
        .whistled: [.dispatch, .firstAnswer],
        .dispatched: [.sign, .arrive, .contact, .handle, .firstAnswer],
        .disputed: [.adjudicate, .sign, .arrive, .contact, .handle, .firstAnswer],
        .handling: [.sign, .arrive, .contact, .handle, .firstAnswer],
        .suspended: [.review],
        .answered: [.verify],
        .closed: [.evaluate], .evaluated: [.reopen],
        .merged: [.appeal], .declined: [.appeal], .withdrawn: [.appeal],
    ]

    public static let transitions: [Transition] = receiving + calling + working + ending + joining + tooLate + time

    static let index: [CaseState: [CaseCommand.Kind: Transition]] = {
        var index: [CaseState: [CaseCommand.Kind: Transition]] = [:]
        for row in transitions { index[row.from, default: [:]][row.command] = row }
        return index
    }()

    private static func row(
        _ from: CaseState, _ command: CaseCommand.Kind, _ guards: [CaseGuard], _ next: NextState
    ) -> Transition {
        Transition(from: from, command: command, guards: guards, next: next)
    }

    private static let receiving: [Transition] = [
        row(.reported, .accept, [.byHolder, .mayStayHere], .to(.filed)),
        row(.reported, .dispatch, [.byStreetOrRule, .validCalls], .to(.dispatched)),
        row(.reported, .decline, [.byHolder, .reasonGiven], .to(.declined)),
        row(.reported, .merge, [.byHolder, .notIntoItself, .nothingJoined], .to(.merged)),
        row(.reported, .withdraw, [.byResident], .withdrawal),
        row(.filed, .progress, [.byHolder, .textGiven], .stay),
        row(.filed, .answer, [.byHolder, .textGiven, .honestEnding], .to(.answered)),
        row(.filed, .whistle, [.byHolder, .reasonGiven], .to(.whistled)),
        row(.filed, .dispatch, [.byStreetOrRule, .validCalls], .to(.dispatched)),
        row(.filed, .suspend, [.byApprover, .reasonGiven, .withinLimit], .to(.suspended)),
    ]

    private static let calling: [Transition] = [
        row(.whistled, .dispatch, [.byStreetOrRule, .validCalls], .to(.dispatched)),
        row(.whistled, .refuseWhistle, [.byHolder, .whistleBlown, .mayStayHere, .reasonGiven], .to(.filed)),
        // A supervised case without a whistle needs a way out that is not another dispatch.
        row(.whistled, .answer, [.byHolder, .textGiven, .honestEnding], .to(.answered)),
        row(.disputed, .adjudicate, [.byCourt, .inDispute, .validRuling], .work),
    ]

    private static let working: [Transition] =
        [CaseState.dispatched, .disputed, .handling].flatMap { state in
            words(of: state, .work) + [row(state, .expire(.sign), [.byRule, .isDue], .work)]
        } + words(of: .suspended, .onHold) + [
            row(.handling, .suspend, [.byApprover, .reasonGiven, .withinLimit], .to(.suspended)),
            row(.suspended, .resume, [.byApproverOrAbove], .resumed),
            row(.suspended, .expire(.review), [.byRule, .isDue], .resumed),
        ]

    /// What a called unit may say. A pause stops the clocks, not the units: who finishes early is heard.
    private static func words(of state: CaseState, _ next: NextState) -> [Transition] {
        [
            row(state, .sign, [.byCalled, .notSigned], next),
            row(state, .arrive, [.byCalled, .notArrived], next),
            row(state, .dispute, [.byCalled, .disputeLeft], next),
            row(state, .progress, [.byCalled, .hasSigned, .textGiven], .stay),
            row(state, .complete, [.byCalled, .hasSigned, .textGiven, .honestEnding], next),
        ]
    }

    private static let ending: [Transition] = [
        row(.answered, .verify, [.byHolder, .honestEnding], .verdict),
        row(.answered, .close, [.byHolder, .ownWork, .honestEnding], .to(.closed)),
        row(.closed, .evaluate, [.byResident, .windowOpen], .evaluation),
        row(.closed, .reopen, [.byResidentOrStreet, .windowOpen, .reasonGiven], .reopening),
        row(.evaluated, .reopen, [.byResidentOrStreet, .windowOpen, .reasonGiven], .reopening),
        row(.merged, .reopen, [.byResidentOrStreet, .windowOpen, .reasonGiven], .to(.reported)),
        row(.declined, .reopen, [.byResidentOrStreet, .windowOpen, .reasonGiven], .to(.reported)),
        row(.withdrawn, .reopen, [.byResidentOrStreet, .windowOpen, .reasonGiven], .to(.reported)),
    ]

    /// Another ticket about the same matter comes to an open case, and may leave it again at any time.
    private static let joining: [Transition] = CaseState.allCases.flatMap { state in
        (state.isFinal ? [] : [row(state, .join, [.byItsArea, .roomToJoin], .stay)]) + [row(state, .leave, [.byItsArea], .stay)]
    }

    /// A withdrawal that crossed somebody's decision moves nothing; the resident's word is kept, and answered.
    private static let tooLate: [Transition] = CaseState.allCases.filter { $0 != .reported }.map { state in
        row(state, .withdraw, [.byResident], .stay)
    }

    /// Whatever runs in a state can be warned of and can run out there.
    private static let time: [Transition] = CaseState.allCases.flatMap { state in
        let own = (clocks[state] ?? []).subtracting([.sign, .review])
        let kinds = state.isFinal ? own : own.union([.overall])
        return kinds.map { row(state, .expire($0), [.byRule, .isDue], .stay) }
            + (state.isFinal ? [] : [row(state, .warn, [.byRule, .isNewWarning], .stay)])
    }

    /// The one unit that must move the case.
    public static func owner(of one: Case) -> CaseUnit {
        let street = CaseUnit.street(one.place.street)
        let community = one.place.community.map(CaseUnit.community) ?? street
        switch owners[one.state] ?? .nobody {
        case .receiver: return one.isHeldByStreet || one.isAcceptLapsed || one.routing.level != .community ? street : community
        case .street: return street
        // Who has finished cannot move it: then it waits for a co-handler.
        case .lead: return (one.awaitedDispatches.first ?? one.lead).map { .department($0.department) } ?? street
        case .court:
            let isDistrict = one.openDisputes.contains { $0.court == .district }
            return isDistrict ? .district(one.place.street.district) : street
        case .approver: return one.suspension?.approver ?? street
        case .verifier:
            if one.isHeldByStreet { return street }
            return one.whistle?.by ?? (one.routing.level == .street || one.routing.level == .district ? street : community)
        case .nobody: return .nobody
        }
    }
}
