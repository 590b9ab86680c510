import Contracts
import Postgres

/// What changes of cases, as columns.
struct CaseColumns {
    private(set) var tickets: [CaseID] = [], before: [Int32] = []
    private(set) var versions: [Int32] = [], states: [String] = [], changedAt: [Timestamp] = [], nextDues: [Timestamp?] = []
    private(set) var firstAnsweredAt: [Timestamp?] = [], closedAt: [Timestamp?] = [], ownerKinds: [String] = [], owners: [String] = []
    private(set) var proposedEndings: [String?] = [], endings: [String?] = [], reopenCounts: [Int32] = [], supervisions: [Int16] = []
    private(set) var heldByStreet: [Bool] = [], acceptLapsed: [Bool] = [], contacted: [Bool] = [], selfHandled: [Bool] = []
    private(set) var windowOver: [Bool] = [], mergedInto: [CaseID?] = []
    private(set) var suspendedFrom: [Timestamp?] = [], suspendedUntil: [Timestamp?] = [], approverKinds: [String?] = []
    private(set) var approvers: [String?] = [], resumesTo: [String?] = [], suspensionReasons: [String?] = []

    init(_ outcomes: [CaseOutcome]) {
        for outcome in outcomes {
            before.append(Int32(clamping: outcome.before?.version ?? 0))
            add(outcome.after)
        }
    }

    private mutating func add(_ one: Case) {
        let owner = one.owner
        tickets.append(one.id)
        versions.append(Int32(clamping: one.version))
        states.append(one.state.rawValue)
        changedAt.append(one.changedAt)
        nextDues.append(one.nextDue?.dueAt)
        firstAnsweredAt.append(one.firstAnsweredAt)
        closedAt.append(one.closedAt)
        ownerKinds.append(owner.kind.rawValue)
        owners.append(owner.code)
        proposedEndings.append(one.proposedEnding?.rawValue)
        endings.append(one.ending?.rawValue)
        reopenCounts.append(Int32(clamping: one.reopenCount))
        supervisions.append(Int16(clamping: one.supervision.rawValue))
        heldByStreet.append(one.isHeldByStreet)
        acceptLapsed.append(one.isAcceptLapsed)
        contacted.append(one.isContacted)
        selfHandled.append(one.isSelfHandled)
        windowOver.append(one.isWindowOver)
        mergedInto.append(one.mergedInto)
        add(one.suspension)
    }

    private mutating func add(_ suspension: Suspension?) {
        suspendedFrom.append(suspension?.from)
        suspendedUntil.append(suspension?.until)
        approverKinds.append(suspension?.approver.kind.rawValue)
        approvers.append(suspension?.approver.code)
        resumesTo.append(suspension?.resumesTo.rawValue)
        suspensionReasons.append(suspension?.reason)
    }
}

/// What is written of cases when they are opened, and never again, as columns.
struct OpeningColumns {
    private(set) var submittedAt: [Timestamp] = [], openedAt: [Timestamp] = [], results: [Int64] = [], urgencies: [String] = []
    private(set) var channels: [String] = [], numbers: [String] = [], streets: [String] = [], communities: [String?] = []
    private(set) var grids: [String?] = [], plates: [String?] = [], placeNames: [String] = [], categories: [String] = []
    private(set) var latitudes: [Double?] = [], longitudes: [Double?] = [], photos: [PostgresArrayText?] = []
    private(set) var texts: [String?] = [], reasons: [String] = []

    init(_ outcomes: [CaseOutcome]) {
        for outcome in outcomes {
            add(outcome.after)
            add(outcome.report)
        }
    }

    private mutating func add(_ one: Case) {
        submittedAt.append(one.submittedAt)
        openedAt.append(one.openedAt)
        results.append(one.routing.hash)
        urgencies.append(one.urgency.rawValue)
        channels.append(one.channel.rawValue)
        numbers.append(one.number.description)
        streets.append(one.place.street.description)
        communities.append(one.place.community?.description)
        grids.append(one.place.grid?.description)
        plates.append(one.place.plate?.description)
        placeNames.append(one.place.name)
        categories.append(one.category.description)
    }

    private mutating func add(_ report: CaseReport) {
        latitudes.append(report.point?.lat)
        longitudes.append(report.point?.lng)
        photos.append(report.photos.isEmpty ? nil : PostgresArrayText(report.photos.map(\.description)))
        texts.append(report.text)
        reasons.append(report.reason)
    }
}
