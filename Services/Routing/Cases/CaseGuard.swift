public import Contracts

/// What a decision may look at besides the case: the city's data, nothing that changes by itself.
public struct CaseContext: Sendable {
    public let calendar: WorkCalendar
    public let profiles: [String: ClockProfile]
    public let policy: CasePolicy
    public let departments: Set<DepartmentCode>

    public init(
        calendar: WorkCalendar, profiles: [String: ClockProfile], policy: CasePolicy, departments: Set<DepartmentCode>
    ) {
        self.calendar = calendar
        self.profiles = profiles
        self.policy = policy
        self.departments = departments
    }
}

/// A city's numbers that are no clocks.
public struct CasePolicy: Sendable, Hashable {
    /// 应急哨: on the spot within this many minutes.
    public let emergencyArrivalMinutes: Int
    /// How often a case goes back to the same handler before the street takes it.
    public let reopenLimit: Int
    public let longestSuspensionDays: Int
    /// Each event of a case names the tickets that joined it; with more of them it is no longer small.
    public static let mostJoined = 100

    public init(emergencyArrivalMinutes: Int, reopenLimit: Int, longestSuspensionDays: Int) {
        self.emergencyArrivalMinutes = emergencyArrivalMinutes
        self.reopenLimit = reopenLimit
        self.longestSuspensionDays = longestSuspensionDays
    }
}

/// A condition of a transition; checked in the row's order, the first that fails gives the refusal.
public enum CaseGuard: String, Hashable, Sendable, CaseIterable {
    case byHolder, byResident, byResidentOrStreet, byItsArea, byStreetOrRule, byCalled, byCourt, byApprover, byApproverOrAbove, byRule
    case mayStayHere, reasonGiven, textGiven, notIntoItself, nothingJoined, roomToJoin, validCalls, honestEnding, ownWork, whistleBlown
    case notSigned, notArrived, hasSigned, disputeLeft, inDispute, validRuling
    case withinLimit, windowOpen, isDue, isNewWarning
}

/// The question a guard answers.
struct CaseQuestion {
    let one: Case
    let command: CaseCommand
    let actor: CaseActor
    let now: Timestamp
    let context: CaseContext

    func check(_ condition: CaseGuard) throws(CaseRefusal) {
        switch condition {
        case .byHolder, .byResident, .byResidentOrStreet, .byItsArea, .byStreetOrRule, .byCalled, .byCourt, .byApprover,
            .byApproverOrAbove, .byRule:
            try checkActor(condition)
        case .notSigned, .notArrived, .hasSigned, .disputeLeft, .inDispute:
            try checkUnit(condition)
        case .validCalls: try checkCalls()
        case .validRuling: try checkRuling()
        case .honestEnding: try checkEnding()
        case .isDue, .isNewWarning, .windowOpen, .withinLimit: try checkTime(condition)
        case .mayStayHere: if one.routing.isDepartmentOnly { throw .departmentOnly }
        case .reasonGiven: if isBlank(text) { throw .reasonMissing }
        case .textGiven: if isBlank(text) { throw .textMissing }
        case .notIntoItself: if case .merge(one.id, _) = command { throw .intoItself }
        case .nothingJoined: if !one.joined.isEmpty { throw .othersJoined }
        case .roomToJoin: try checkJoining()
        case .ownWork: if !one.activeDispatches.isEmpty { throw .verificationMissing }
        case .whistleBlown: if one.whistle == nil { throw .nothingWhistled }
        }
    }

    // MARK: Who

    private func checkActor(_ condition: CaseGuard) throws(CaseRefusal) {
        switch condition {
        case .byHolder: if !holds(one.owner), !isLateCommunity { throw .notTheOwner }
        case .byItsArea: if !isStreetOrDistrict, !isItsCommunity { throw .notTheOwner }
        case .byResident: if actor.role != .resident { throw .notTheResident }
        case .byResidentOrStreet: if actor.role != .resident, !isStreetOrDistrict { throw .notTheResident }
        case .byStreetOrRule:
            if actor.role == .rule {
                guard one.routing.goesStraightOut, !one.isHeldByStreet else { throw .notTheStreet }
            } else if !isStreetOrDistrict || !holds(one.owner) {
                throw .notTheStreet
            }
        case .byCalled:
            let dispatch = try called()
            if actor.role != .unit(.department(dispatch.department)) { throw .notCalled }
        case .byCourt: if !holds(one.owner) || !isStreetOrDistrict { throw .notTheCourt }
        case .byApprover: if !isStreetOrDistrict || actor.role == .unit(one.owner) && !isDistrict { throw .notAnApprover }
        case .byApproverOrAbove: if !holds(one.owner) { throw .notAnApprover }
        default: if actor.role != .rule { throw .notARule }
        }
    }

    private var isItsCommunity: Bool { one.place.community.map { actor.role == .unit(.community($0)) } ?? false }
    /// The time to accept is over, the street is called in; the community may still be the first to act.
    private var isLateCommunity: Bool { one.isAcceptLapsed && !one.isHeldByStreet && isItsCommunity }
    private var isDistrict: Bool { actor.role == .unit(.district(one.place.street.district)) }
    private var isStreetOrDistrict: Bool { actor.role == .unit(.street(one.place.street)) || isDistrict }

    /// The unit itself, its street, or the district. A department answers for itself alone.
    private func holds(_ unit: CaseUnit) -> Bool {
        if actor.role == .unit(unit) { return unit != .nobody }
        switch unit {
        case .community: return isStreetOrDistrict
        case .street: return isDistrict
        case .department, .district, .nobody: return false
        }
    }

    // MARK: Called units

    private func called() throws(CaseRefusal) -> Dispatch {
        guard let id = command.dispatchID, let dispatch = one.dispatch(id) else { throw .unknownDispatch }
        guard dispatch.isActive else { throw .recalled }
        return dispatch
    }

    private func checkUnit(_ condition: CaseGuard) throws(CaseRefusal) {
        let dispatch = try called()
        switch condition {
        case .notSigned:
            if dispatch.stage == .disputed { throw .inDispute }
            if dispatch.signedAt != nil { throw .alreadySigned }
        case .notArrived:
            if dispatch.stage == .disputed { throw .inDispute }
            if dispatch.arrivedAt != nil { throw .alreadyArrived }
            if dispatch.stage == .completed { throw .alreadyCompleted }
        case .hasSigned:
            if dispatch.stage == .disputed { throw .inDispute }
            if dispatch.stage == .completed {
                if case .progress = command { throw .workCompleted }
                throw .alreadyCompleted
            }
            if dispatch.stage != .signed { throw .notSigned }
        case .disputeLeft:
            if dispatch.stage == .disputed { throw .alreadyDisputed }
            if one.disputes.contains(where: { $0.department == dispatch.department }) { throw .disputeLimit }
            if dispatch.stage == .completed || dispatch.arrivedAt != nil { throw .tooLateToDispute }
        default:
            if dispatch.stage != .disputed { throw .notInDispute }
        }
    }

    private func checkCalls() throws(CaseRefusal) {
        guard case .dispatch(let calls, let basis) = command else { return }
        if isBlank(basis.description) { throw .reasonMissing }
        guard calls.count(where: { $0.role == .lead }) == 1 else { throw .oneLead }
        let departments = Set(calls.map(\.department))
        guard departments.count == calls.count, Set(calls.map(\.dispatch)).count == calls.count,
            calls.allSatisfy({ one.dispatch($0.dispatch) == nil })
        else { throw .duplicateDepartment }
        guard departments.isSubset(of: context.departments) else { throw .unknownDepartment }
    }

    private func checkRuling() throws(CaseRefusal) {
        guard case .adjudicate(_, .reassign(let department, let id), _) = command else { return }
        guard context.departments.contains(department) else { throw .unknownDepartment }
        guard one.dispatch(id) == nil, !one.activeDispatches.contains(where: { $0.department == department }) else {
            throw .duplicateDepartment
        }
        // Two streets of units may not play ping-pong; the district, who must decide, may name anyone.
        let wasRelieved = one.disputes.contains { $0.department == department && $0.verdict == .reassign }
        if wasRelieved, !isDistrict { throw .alreadyReturned }
    }

    private func checkJoining() throws(CaseRefusal) {
        guard case .join(let ticket, _) = command else { return }
        if ticket == one.id { throw .intoItself }
        if one.joined.contains(where: { $0.ticket == ticket }) { throw .alreadyJoined }
        if one.joined.count >= CasePolicy.mostJoined { throw .tooManyJoined }
    }

    // MARK: Words

    /// "Merged" is only said by merging, and a case cannot end without saying how.
    private func checkEnding() throws(CaseRefusal) {
        let ending: Ending?
        switch command {
        case .answer(_, _, let proposed): ending = proposed
        case .close(let final): ending = final
        case .complete(_, _, _, let proposed):
            // A unit need not say how it ended.
            guard let proposed else { return }
            ending = proposed
        case .verify(let accepted, let final, _):
            if !accepted { return }
            ending = final ?? one.proposedEnding
        default: return
        }
        guard let ending, ending != .merged else { throw .dishonestEnding }
        // Who answered "cannot be done" may not have it booked as solved.
        if ending == .solved, one.state == .answered, one.proposedEnding == .unable { throw .dishonestEnding }
    }

    private var text: String {
        switch command {
        case .decline(let reason), .whistle(_, _, let reason), .refuseWhistle(let reason), .suspend(_, let reason),
            .reopen(let reason):
            reason.description
        case .answer(let text, _, _), .progress(_, let text), .complete(_, let text, _, _): text.description
        default: ""
        }
    }

    private func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

    // MARK: Time

    private func checkTime(_ condition: CaseGuard) throws(CaseRefusal) {
        switch (condition, command) {
        case (.withinLimit, .suspend(let until, _)):
            let longest = now.adding(milliseconds: Int64(context.policy.longestSuspensionDays) * 86_400_000)
            guard now < until, until <= longest else { throw .suspensionLength }
        case (.isDue, .expire(let kind, let department)):
            let clock = try running(kind, department)
            if clock.isOverdue { throw .alreadyExpired }
            if now < clock.dueAt { throw .clockNotDue }
        case (.isNewWarning, .warn(let kind, let department, let percent)):
            let clock = try running(kind, department)
            if clock.isOverdue || percent <= clock.warned { throw .alreadyWarned }
            if !WorkCalendar.warnings.contains(percent) || now < context.calendar.instant(at: percent, of: clock) {
                throw .clockNotDue
            }
        default:
            let window = (CaseTable.clocks[one.state] ?? []).first
            guard let window, let clock = one.clock(window), now < clock.dueAt else { throw .windowClosed }
        }
    }

    private func running(_ kind: ClockKind, _ department: DepartmentCode?) throws(CaseRefusal) -> CaseClock {
        guard let clock = one.clock(kind, department) else { throw .clockNotRunning }
        if clock.isHeld { throw .clockHeld }
        return clock
    }
}
