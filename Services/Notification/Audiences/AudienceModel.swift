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
        switch event {
        case is any StaffEvent: nil
        case is CaseOpened: .received
        case is CaseFiled: .accepted
        case is CaseDeclined: .declined
        case is CaseMerged: .merged
        case is CaseWithdrawn: .withdrawn
        case is CaseWhistled: .whistled
        case is CaseDispatched: .dispatched
        case is CaseArrived: .arrived
        case is CaseProgressed: .progressed
        case is CaseSuspended: .suspended
        case is CaseResumed: .resumed
        case is CaseAnswered: .answered
        case is CaseClosed: .closed
        case is CaseReopened: .reopened
        case is CaseKept: .kept
        default: nil
        }
    }

    /// What desks are told: work that has become theirs, decisions on it, and time running out.
    static func deskNotices(of event: any CaseEvent) -> [Notice] {
        let snapshot = event.snapshot
        let owner = Audience(snapshot.owner)
        switch event {
        case let event as CaseOpened: return event.sentOut == true ? [] : notices(owner, event.isToAccept ? .deskNew : .deskToDispatch)
        case is CaseReopened: return notices(owner, .deskReopened)
        case is CaseDisputed: return notices(owner, .deskDisputed)
        case is CaseWhistled: return notices(snapshot.community.street.map { .area($0) }, .deskWhistled)
        case is CaseRefused: return [Notice(community(snapshot), .deskRefused)]
        case let event as CaseDispatched:
            return event.dispatches.map { Notice(.department($0.department), $0.role == .lead ? .deskLead : .deskCo) }
                + [Notice(community(snapshot), .deskDispatched)]
        case let event as CaseAdjudicated:
            let disputing = event.department.map { Audience.department($0) }
            guard event.verdict == .reassign else { return notices(disputing, .deskUpheld) }
            return notices(event.to.map { .department($0) }, .deskReassigned) + notices(disputing, .deskRelieved)
        // Only when nobody is awaited any more is there something to verify.
        case is CaseCompleted: return snapshot.state == .answered ? notices(owner, .deskCompleted) : []
        case let event as CaseAnswered:
            let isVerifier = snapshot.owner.code == event.by.unitCode
            return snapshot.state == .answered && !isVerifier ? notices(owner, .deskCompleted) : []
        case let event as CaseVerified:
            if event.accepted { return [] }
            return snapshot.awaited.isEmpty
                ? notices(owner, .deskRework) : notices(snapshot.awaited.map { .department($0) }, .deskRework)
        case is CaseSuspended: return notices([community(snapshot)] + units(snapshot), .deskSuspended)
        case is CaseResumed: return notices([community(snapshot)] + units(snapshot), .deskResumed)
        case is CaseWithdrawn: return notices([community(snapshot)] + units(snapshot), .deskWithdrawn)
        case is CaseKept: return notices([community(snapshot)] + units(snapshot), .deskKept)
        case is CaseClosed: return notices(units(snapshot), .deskClosed)
        case is CaseEvaluated: return notices([community(snapshot)] + units(snapshot), .deskEvaluated)
        case let event as CaseReminded: return [Notice(.department(event.department), .deskReminded)]
        case let event as CaseWarned: return notices(told(event.clock, event.department, snapshot), .deskWarned)
        case let event as CaseOverdue:
            let all = notices(told(event.clock, event.department, snapshot), .deskOverdue)
            guard event.clock == .sign, let department = event.department else { return all }
            return [Notice(.department(department), .deskDeemedSigned)] + all
        default: return []
        }
    }

    /// Whose tickets were merged into a case hear what becomes of it, not what its own reporter asked for.
    static func concernsJoined(_ event: any CaseEvent) -> Bool { !(event is CaseKept) }

    /// Whom a clock is about: the unit whose own it is, else who must act; and the level above. A dispute's clock is the adjudicator's,
    /// whatever unit disputes.
    private static func told(_ clock: ClockKind, _ department: DepartmentCode?, _ snapshot: CaseSnapshot) -> [Audience] {
        guard clock != .adjudicate, let department else { return [Audience(snapshot.owner), above(snapshot)].compactMap { $0 } }
        return [.department(department)] + [snapshot.community.street.map { .area($0) }].compactMap { $0 }
    }

    /// One level up from who must act 督办; for a case that is nobody's, the street.
    static func above(_ snapshot: CaseSnapshot) -> Audience? {
        switch snapshot.owner {
        case .community(let area): area.street.map { .area($0) }
        case .street(let area): area.district.map { .area($0) }
        case .department, .none: snapshot.community.street.map { .area($0) }
        case .district: nil
        }
    }

    private static func community(_ snapshot: CaseSnapshot) -> Audience { .area(snapshot.community) }

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
