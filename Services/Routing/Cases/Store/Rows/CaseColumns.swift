import Contracts
import Postgres

/// What changes of cases, as columns.
struct CaseColumns {
    private(set) var tickets: [CaseID] = [], before: [Int32] = []
    private(set) var versions: [Int32] = [], states: [String] = [], changedAt: [Timestamp] = [], changedBy: [String] = [],
        persons: [PersonID?] = [], nextDues: [Timestamp?] = []
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

    private mutating func add(_ serviceCase: ServiceCase) {
        let owner = serviceCase.owner
        tickets.append(serviceCase.id)
        versions.append(Int32(clamping: serviceCase.version))
        states.append(serviceCase.state.rawValue)
        changedAt.append(serviceCase.changedAt)
        changedBy.append(serviceCase.changedBy.description)
        persons.append(serviceCase.changedBy.person)
        nextDues.append(serviceCase.nextDue?.dueAt)
        firstAnsweredAt.append(serviceCase.firstAnsweredAt)
        closedAt.append(serviceCase.closedAt)
        ownerKinds.append(owner.kind.rawValue)
        owners.append(owner.code)
        proposedEndings.append(serviceCase.proposedEnding?.rawValue)
        endings.append(serviceCase.ending?.rawValue)
        reopenCounts.append(Int32(clamping: serviceCase.reopenCount))
        supervisions.append(Int16(clamping: serviceCase.supervision.rawValue))
        heldByStreet.append(serviceCase.isHeldByStreet)
        acceptLapsed.append(serviceCase.isAcceptLapsed)
        contacted.append(serviceCase.isContacted)
        selfHandled.append(serviceCase.isSelfHandled)
        windowOver.append(serviceCase.isWindowOver)
        mergedInto.append(serviceCase.mergedInto)
        add(serviceCase.suspension)
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
    private(set) var hasContact: [Bool] = [], texts: [String?] = [], reasons: [String] = []

    init(_ outcomes: [CaseOutcome]) {
        for outcome in outcomes {
            add(outcome.after)
            add(outcome.report)
        }
    }

    private mutating func add(_ serviceCase: ServiceCase) {
        submittedAt.append(serviceCase.submittedAt)
        openedAt.append(serviceCase.openedAt)
        results.append(serviceCase.routing.hash)
        urgencies.append(serviceCase.urgency.rawValue)
        channels.append(serviceCase.channel.rawValue)
        numbers.append(serviceCase.number.description)
        streets.append(serviceCase.place.street.description)
        communities.append(serviceCase.place.community?.description)
        grids.append(serviceCase.place.grid?.description)
        plates.append(serviceCase.place.plate?.description)
        placeNames.append(serviceCase.place.name)
        categories.append(serviceCase.category.description)
    }

    private mutating func add(_ report: CaseReport) {
        latitudes.append(report.point?.lat)
        longitudes.append(report.point?.lng)
        hasContact.append(report.hasContact)
        photos.append(report.photos.isEmpty ? nil : PostgresArrayText(report.photos.map(\.description)))
        texts.append(report.text)
        reasons.append(report.reason)
    }
}
