import Contracts
import JSON
import Pages
import ServiceKit

/// A ticket's steps in the words of the status page; pure.
struct StatusTimeline {
    let ticket: TicketView
    let steps: [ProgressStep]
    let names: UnitNames
    let links: PrivateLinks
    /// Those of the case that this one was merged into: what is done for both.
    var sharedSteps: [ProgressStep] = []
    var review = ReviewWindow.closed
    /// Numbers of the tickets that this one was merged into.
    var numbers: [TicketID: String] = [:]

    /// The tickets whose numbers the page names.
    var mergedInto: [TicketID] {
        steps.compactMap { ($0.caseEvent as? CaseMerged)?.snapshot.mergedInto }
    }

    /// How the matter stands: that of the case which this one was merged into, once it is known here.
    private var snapshot: CaseSnapshot? { sharedSteps.last?.caseEvent?.snapshot ?? ticket.snapshot }
    private var isShared: Bool { !sharedSteps.isEmpty }

    func page(placeName: String) -> StatusPage {
        var page = StatusPage(
            number: ticket.number, placeName: placeName, categoryName: ticket.snapshot?.categoryName,
            steps: [received] + course)
        page.awaited = awaited
        page.ending = ending
        page.endingReason = endingReason
        page.handling = StatusPage.Handling(decisive)
        page.clock = clock
        if !ticket.isWithdrawing, Withdraw.from.contains(ticket.state) {
            page.withdrawal = .withdrawal(token: links.token(.status, ticket.id))
        }
        // Of a shared case each reporter has an evaluation of their own, so another's does not end it.
        if let state = snapshot?.state, state == .closed || (isShared && state == .evaluated) {
            page.evaluationLink = links.page(.evaluation, ticket.id)
        }
        switch review {
        case .closed, .underWay: break
        case .asked: page.review = .asked
        case .decided: page.review = .decided
        case .open(let until, _): page.review = .open(until: until.milliseconds, form: .review(token: links.token(.status, ticket.id)))
        }
        return page
    }

    private var received: StatusPage.Step {
        StatusPage.Step(
            kind: .received, at: ticket.submittedAt.milliseconds, text: ticket.words,
            photos: ticket.photos.map(photo))
    }

    private func photo(_ id: PhotoID) -> String { links.photo(id, of: ticket.id) }

    /// The case's steps in the order of their versions; a withdrawal that routing has not answered stands among them, told from
    /// our own row.
    private var course: [StatusPage.Step] {
        var course = [steps, sharedSteps.filter(Self.concernsAll)].flatMap { steps in
            zip(steps, [nil] + steps.map(Optional.some)).compactMap { self.step($0, after: $1) }
        }
        if isShared { course.sort { $0.at < $1.at } }
        guard ticket.isWithdrawing, let moment = ticket.withdrawnAt else { return course }
        let at = moment.milliseconds
        course.insert(StatusPage.Step(kind: .withdrawing, at: at), at: course.firstIndex { $0.at > at } ?? course.endIndex)
        return course
    }

    /// What another reporter wished or thought is not told.
    private static func concernsAll(_ step: ProgressStep) -> Bool {
        !(step.caseEvent is CaseKept || step.caseEvent is CaseEvaluated || step.caseEvent is CaseWithdrawn)
    }

    private func step(_ step: ProgressStep, after last: ProgressStep?) -> StatusPage.Step? {
        guard let event = step.caseEvent else { return nil }
        var shown = StatusPage.Step(kind: .received, at: step.time.milliseconds)
        let by = names[event.by.code]
        switch event.variant {
        case .filed: (shown.kind, shown.unit) = (.accepted, by)
        case .declined(let event): (shown.kind, shown.unit, shown.text) = (.declined, by, event.reason)
        case .merged(let event): shown.kind = .merged(into: event.snapshot.mergedInto.flatMap { numbers[$0] } ?? "")
        case .overdue(let event):
            guard event.clock == .accept else { return nil }
            let isStreet = last?.caseEvent?.snapshot.owner.isCommunity == false
            shown.kind = isStreet ? .acceptedLate : .streetCalledIn
        case .withdrawn: shown.kind = .withdrawn
        case .kept(let event): (shown.kind, shown.text) = (.kept(because: event.cause), event.reason)
        case .whistled: (shown.kind, shown.unit) = (.whistled, by)
        case .dispatched(let event):
            let units = event.dispatches.compactMap { names[$0.department.description] }
            (shown.kind, shown.unit) = (.dispatched, units.isEmpty ? nil : units.joined(separator: "、"))
        case .signed(let event): (shown.kind, shown.unit) = (event.isByRule ? .deemedSigned : .signed, names[event.department.description])
        case .arrived(let event): (shown.kind, shown.unit) = (.arrived, names[event.department.description])
        case .disputed(let event): (shown.kind, shown.unit) = (.disputed, names[event.department.description])
        case .progressed(let event): (shown.kind, shown.unit, shown.text) = (.handling, by, event.text)
        case .completed(let event):
            shown.kind = event.snapshot.state == .answered ? .completed : .finishedPart
            (shown.unit, shown.text) = (names[event.department.description], event.text)
            shown.photos = event.photos.map(photo)
        case .suspended(let event): (shown.kind, shown.unit, shown.text) = (.suspended, by, event.reason)
        case .resumed: shown.kind = .resumed
        case .answered(let event):
            (shown.kind, shown.unit, shown.text) = (.answered, by, event.text)
            shown.photos = event.photos.map(photo)
        case .verified(let event):
            if event.accepted { return nil }
            (shown.kind, shown.text) = (.notAccepted, event.text)
        case .closed: shown.kind = .closed
        case .reopened: shown.kind = .reopened
        case .evaluated: shown.kind = .evaluated
        // The report itself stands first, from our own row; who joined is no business of the others.
        case .opened, .joined, .staff: return nil
        }
        return shown
    }

    /// The steps of the work that this ticket's end came from.
    private var decisive: [ProgressStep] { isShared ? sharedSteps : steps }

    /// Of a refusal its own; of what cannot be done, the last word of who handled it, the lead's where there is one.
    private var endingReason: String? {
        let events = decisive.compactMap(\.caseEvent)
        switch ending {
        case .declined: return (events.last { $0 is CaseDeclined } as? CaseDeclined)?.reason
        case .impossible:
            let words = events.compactMap { event -> (unit: DepartmentCode?, text: String)? in
                if let event = event as? CaseAnswered { return (nil, event.text) }
                return (event as? CaseCompleted).map { ($0.department, $0.text) }
            }
            guard let last = words.last, last.unit != nil else { return words.last?.text }
            return (words.last { $0.unit == snapshot?.lead } ?? last).text
        default: return nil
        }
    }

    private var awaited: (kind: StatusPage.Step.Kind, unit: String?)? {
        if ticket.isWithdrawing, ticket.state == .reported { return (.withdrawing, nil) }
        guard let snapshot else { return (.accepted, nil) }
        let unit = names[snapshot.owner.code]
        switch snapshot.state {
        case .reported where !snapshot.runs(.accept) && snapshot.runs(.dispatch): return (.dispatched, unit)
        case .reported: return (snapshot.owner.isCommunity ? .accepted : .streetCalledIn, unit)
        case .filed: return (.answered, unit)
        case .whistled: return (.dispatched, unit)
        case .dispatched, .handling: return awaitedUnits(snapshot) ?? (snapshot.state == .handling ? .handling : .signed, unit)
        case .disputed: return (.disputed, unit)
        case .suspended: return (.resumed, unit)
        case .answered: return (.closed, unit)
        case .closed, .evaluated, .merged, .declined, .withdrawn: return nil
        }
    }

    /// The called units that have not finished; who has not even signed is named only where nobody is at work.
    private func awaitedUnits(_ snapshot: CaseSnapshot) -> (kind: StatusPage.Step.Kind, unit: String?)? {
        let unsigned = Set(snapshot.clocks.filter { $0.kind == .sign }.compactMap(\.department))
        let working = snapshot.state == .handling ? snapshot.awaited.filter { !unsigned.contains($0) } : []
        let shown = working.isEmpty ? snapshot.awaited.filter(unsigned.contains) : working
        if shown.isEmpty { return nil }
        let units = shown.compactMap { names[$0.description] }
        return (working.isEmpty ? .signed : .handling, units.isEmpty ? nil : units.joined(separator: "、"))
    }

    private var ending: StatusPage.Ending? {
        guard let snapshot else { return nil }
        switch snapshot.state {
        case .declined: return .declined
        case .withdrawn: return .withdrawn
        case .merged: return .merged(into: mergedInto.last.flatMap { numbers[$0] } ?? "")
        case .closed, .evaluated:
            switch snapshot.ending {
            case .solved: return .solved
            case .unable: return .impossible
            case .answered, .merged, nil: return .answered
            }
        default: return nil
        }
    }

    private var clock: StatusPage.Clock? {
        guard let snapshot else {
            let due = ticket.submittedAt.adding(.seconds(15 * 3600)).milliseconds
            return StatusPage.Clock(kind: .firstAnswer, start: ticket.submittedAt.milliseconds, due: due)
        }
        let kinds: [(ClockKind, StatusPage.Clock.Kind)] = [
            (.firstAnswer, .firstAnswer), (.handle, .handling), (.verify, .verifying),
        ]
        for (kind, shown) in kinds {
            if let due = snapshot.clocks.first(where: { $0.kind == kind })?.dueAt {
                return StatusPage.Clock(kind: shown, start: ticket.submittedAt.milliseconds, due: due.milliseconds)
            }
        }
        return nil
    }
}

extension CaseSnapshot {
    fileprivate func runs(_ clock: ClockKind) -> Bool { clocks.contains { $0.kind == clock } }
}

extension CaseOwner {
    fileprivate var isCommunity: Bool { if case .community = self { true } else { false } }
}
