import Contracts

/// Whom a message is for.
enum Audience: Sendable, Hashable {
    /// Who reported; how to reach them only intake knows.
    case resident
    /// The desk of a community, a street or a district.
    case area(AreaCode)
    case department(DepartmentCode)

    /// `resident`, or the organisation's code.
    var code: String {
        switch self {
        case .resident: "resident"
        case .area(let area): area.description
        case .department(let department): department.description
        }
    }

    /// Who must act next; nil for nobody.
    init?(_ owner: CaseOwner) {
        switch owner {
        case .community(let area), .street(let area), .district(let area): self = .area(area)
        case .department(let department): self = .department(department)
        case .none: return nil
        }
    }
}

/// One thing to say to one audience.
struct Notice: Sendable, Hashable {
    let audience: Audience
    let template: TemplateKey

    init(_ audience: Audience, _ template: TemplateKey) {
        self.audience = audience
        self.template = template
    }
}

extension CaseOpened {
    /// What only departments may handle, nobody accepts; the street sends it to them.
    fileprivate var isToAccept: Bool { snapshot.clocks.contains { $0.kind == .accept } }
}

/// Which event is told to whom, in which words.
enum Decision {
    /// At most one notice per audience: the first that applies. The resident comes first.
    static func notices(of event: any CaseEvent) -> [Notice] {
        var told: Set<Audience> = []
        let resident = residentTemplate(of: event).map { [Notice(.resident, $0)] } ?? []
        return (resident + deskNotices(of: event)).filter { told.insert($0.audience).inserted }
    }

    /// What the resident is told: each step that changes what they may expect.
    static func residentTemplate(of event: any CaseEvent) -> TemplateKey? {
        switch event.variant {
        case .opened: .received
        case .filed: .accepted
        case .declined: .declined
        case .merged: .merged
        case .withdrawn: .withdrawn
        case .whistled: .whistled
        case .dispatched: .dispatched
        case .arrived: .arrived
        case .progressed: .progressed
        case .suspended: .suspended
        case .resumed: .resumed
        case .answered: .answered
        case .closed: .closed
        case .reopened: .reopened
        case .kept: .kept
        case .joined, .verified, .signed, .disputed, .completed, .evaluated, .overdue, .staff: nil
        }
    }

    /// What desks are told: work that has become theirs, decisions on it, and time running out.
    static func deskNotices(of event: any CaseEvent) -> [Notice] {
        let snapshot = event.snapshot
        let owner = Audience(snapshot.owner)
        let all = [area(snapshot)] + units(snapshot)
        switch event.variant {
        case .opened(let event): return event.sentOut == true ? [] : notices(owner, event.isToAccept ? .deskNew : .deskToDispatch)
        case .reopened: return notices(owner, .deskReopened)
        case .disputed: return notices(owner, .deskDisputed)
        case .whistled: return notices(snapshot.street.map { .area($0) }, .deskWhistled)
        case .dispatched(let event):
            return event.dispatches.map { Notice(.department($0.department), $0.role == .lead ? .deskLead : .deskCo) }
                + [Notice(area(snapshot), .deskDispatched)]
        // Only when nobody is awaited any more is there something to verify.
        case .completed: return snapshot.state == .answered ? notices(owner, .deskCompleted) : []
        case .answered:
            let isVerifier = snapshot.owner.code == snapshot.by.code
            return snapshot.state == .answered && !isVerifier ? notices(owner, .deskCompleted) : []
        case .verified(let event):
            if event.accepted { return [] }
            return snapshot.awaited.isEmpty
                ? notices(owner, .deskRework) : notices(snapshot.awaited.map { .department($0) }, .deskRework)
        case .suspended: return notices(all, .deskSuspended)
        case .resumed: return notices(all, .deskResumed)
        case .withdrawn: return notices(all, .deskWithdrawn)
        case .kept: return notices(all, .deskKept)
        case .closed: return notices(units(snapshot), .deskClosed)
        case .evaluated: return notices(all, .deskEvaluated)
        case .overdue(let event):
            let overdue = notices(told(event.clock, event.department, snapshot), .deskOverdue)
            guard event.clock == .sign, let department = event.department else { return overdue }
            return [Notice(.department(department), .deskDeemedSigned)] + overdue
        case .staff(let event): return staffNotices(of: event)
        case .filed, .declined, .merged, .joined, .signed, .arrived, .progressed: return []
        }
    }

    private static func staffNotices(of event: any StaffEvent) -> [Notice] {
        let snapshot = event.snapshot
        let unit = event.about.map { Audience.department($0) }
        switch event.staffVariant {
        case .refused: return [Notice(area(snapshot), .deskRefused)]
        case .adjudicated(let event):
            guard event.verdict == .reassign else { return notices(unit, .deskUpheld) }
            return notices(event.to.map { .department($0) }, .deskReassigned) + notices(unit, .deskRelieved)
        case .reminded: return notices(unit, .deskReminded)
        case .escalated: return notices(snapshot.area.district.map { .area($0) }, .deskEscalated)
        case .warned(let event): return notices(told(event.clock, event.department, snapshot), .deskWarned)
        }
    }

    /// Whose tickets were merged into a case hear what becomes of it, not what its own reporter asked for.
    static func concernsJoined(_ event: any CaseEvent) -> Bool { !(event is CaseKept) }

    /// Whom a clock is about: the unit whose own it is, else who must act; and the level above. A dispute's clock is the adjudicator's,
    /// whatever unit disputes.
    private static func told(_ clock: ClockKind, _ department: DepartmentCode?, _ snapshot: CaseSnapshot) -> [Audience] {
        guard clock != .adjudicate, let department else { return [Audience(snapshot.owner), above(snapshot)].compactMap { $0 } }
        return [.department(department)] + [snapshot.street.map { .area($0) }].compactMap { $0 }
    }

    /// One level up from who must act 督办; for a case that is nobody's, the street.
    static func above(_ snapshot: CaseSnapshot) -> Audience? {
        switch snapshot.owner {
        case .community(let area): area.street.map { .area($0) }
        case .street(let area): area.district.map { .area($0) }
        case .department, .none: snapshot.street.map { .area($0) }
        case .district: nil
        }
    }

    private static func area(_ snapshot: CaseSnapshot) -> Audience { .area(snapshot.area) }

    private static func units(_ snapshot: CaseSnapshot) -> [Audience] {
        ((snapshot.lead.map { [$0] } ?? []) + snapshot.coHandlers).map { .department($0) }
    }

    private static func notices(_ audience: Audience?, _ template: TemplateKey) -> [Notice] {
        audience.map { [Notice($0, template)] } ?? []
    }

    private static func notices(_ audiences: [Audience], _ template: TemplateKey) -> [Notice] {
        audiences.map { Notice($0, template) }
    }
}
