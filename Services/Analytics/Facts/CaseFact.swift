import Contracts

/// What analytics knows of one ticket, or what one batch adds to that.
///
/// Each part has one topic as its source and is folded in that topic's order; between topics the order does not matter.
/// `merging` is associative, so any split of a history into batches gives the same fact.
struct CaseFact: Sendable, Equatable {
    let ticket: TicketID
    var report: Report?
    var withdrawnAt: Timestamp?
    var work: Work?
    var firstAnswerDue: Timestamp?
    var contactDue: Timestamp?
    var firstAnsweredAt: Timestamp?
    /// How many of its clocks ran out.
    var overdueCount: Int32 = 0
    var evaluation: Answers?
    var messagesSent: Int32 = 0
    var messagesUnsent: Int32 = 0

    /// From tickets.v1.
    struct Report: Sendable, Equatable {
        var number: TicketNumber
        var channel: Channel
        var category: CategoryCode?
        var submittedAt: Timestamp
    }

    /// From the newest snapshot on cases.v1.
    struct Work: Sendable, Equatable {
        let snapshot: CaseSnapshot
        /// The first of the clocks that oblige someone of the administration.
        let nextDue: Timestamp?

        init(_ snapshot: CaseSnapshot) {
            self.snapshot = snapshot
            let residents: Set<ClockKind> = [.evaluate, .reopen, .appeal]
            nextDue = snapshot.clocks.lazy.filter { !residents.contains($0.kind) }.map(\.dueAt).min()
        }
    }

    /// From evaluations.v1, the resident's.
    struct Answers: Sendable, Equatable {
        var version: Int32
        var at: Timestamp
        var contacted: Contacted
        var solved: Solved
        var satisfied: Satisfied
    }

    init(_ ticket: TicketID) { self.ticket = ticket }

    /// This fact with what came later.
    func merging(_ later: CaseFact) -> CaseFact {
        var merged = self
        merged.report = later.report ?? report
        merged.withdrawnAt = later.withdrawnAt ?? withdrawnAt
        if let new = later.work, new.snapshot.version > work?.snapshot.version ?? 0 { merged.work = new }
        merged.firstAnswerDue = later.firstAnswerDue ?? firstAnswerDue
        merged.contactDue = later.contactDue ?? contactDue
        merged.firstAnsweredAt = later.firstAnsweredAt ?? firstAnsweredAt
        merged.overdueCount += later.overdueCount
        if let new = later.evaluation, new.version > evaluation?.version ?? 0 { merged.evaluation = new }
        merged.messagesSent += later.messagesSent
        merged.messagesUnsent += later.messagesUnsent
        return merged
    }
}

/// Events as facts.
enum FactFold {
    /// What one event says of a ticket; nil when it says nothing that is counted.
    static func fact(of event: any Event, version: Int32, time: Timestamp) -> CaseFact? {
        switch event {
        case let event as any CaseEvent: return work(event, time)
        case let event as TicketSubmitted:
            var fact = CaseFact(event.ticket)
            fact.report = .init(
                number: event.number, channel: event.channel, category: event.category, submittedAt: event.submittedAt)
            return fact
        case let event as TicketWithdrawn:
            var fact = CaseFact(event.ticket)
            fact.withdrawnAt = time
            return fact
        // What staff say of their own work is no part of the rates.
        case let event as EvaluationGiven where event.party == .resident:
            var fact = CaseFact(event.ticket)
            fact.evaluation = .init(
                version: version, at: time, contacted: event.contacted, solved: event.solved, satisfied: event.satisfied)
            return fact
        case let event as DeliverySettled: return delivery(event)
        default: return nil
        }
    }

    private static func work(_ event: any CaseEvent, _ time: Timestamp) -> CaseFact {
        let snapshot = event.snapshot
        var fact = CaseFact(snapshot.ticket)
        fact.work = .init(snapshot)
        fact.firstAnsweredAt = snapshot.firstAnsweredAt
        // A refusal with its reason is a first word too.
        if event is CaseDeclined, fact.firstAnsweredAt == nil { fact.firstAnsweredAt = time }
        if snapshot.firstAnsweredAt == nil {
            fact.firstAnswerDue = snapshot.due(.firstAnswer)
            fact.contactDue = snapshot.due(.contact)
        }
        if event is CaseOverdue { fact.overdueCount = 1 }
        return fact
    }

    private static func delivery(_ event: DeliverySettled) -> CaseFact? {
        guard let ticket = event.ticket else { return nil }
        var fact = CaseFact(ticket)
        if event.outcome == .sent { fact.messagesSent = 1 } else { fact.messagesUnsent = 1 }
        return fact
    }
}

extension CaseSnapshot {
    fileprivate func due(_ kind: ClockKind) -> Timestamp? { clocks.lazy.filter { $0.kind == kind }.map(\.dueAt).min() }
}
