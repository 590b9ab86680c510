import Contracts
import EventLog
import Postgres
import Telemetry

/// A message that will be sent, before anybody has tried.
struct PlannedDelivery: Sendable {
    let id: DeliveryID
    let event: EventID
    let ticket: TicketID
    let area: AreaCode
    let audience: Audience
    let recipient: String
    let lane: String
    let channel: DeliveryChannel
    let template: TemplateKey
    var state: DeliveryState
    let dueAt: Timestamp
    /// Why it will not be sent.
    var trouble: String?
}

/// Hears the events of cases and writes down, in the transaction that consumes them, who will be told.
struct PlanDeliveries: Sendable {
    /// Older news is not told: a service that catches up after days, or is built anew, must not wake the whole street.
    static let freshness: Int64 = 3 * 86_400_000

    let book: RecipientBook
    let quietHours: QuietHours?
    let clock: any Timekeeper
    let newID: @Sendable () -> DeliveryID
    /// Called after a commit that left something to send.
    let wake: @Sendable () -> Void
    let untold: Counter

    func apply(_ events: [AnyEnvelope], _ transaction: inout PostgresTransaction) async throws {
        let now = clock.now()
        var told: [AnyEnvelope] = []
        var planned: [PlannedDelivery] = []
        for event in events {
            guard let body = event.body as? any CaseEvent else { continue }
            let deliveries = plan(body, id: event.id, time: event.time, now: now)
            guard !deliveries.isEmpty else { continue }
            told.append(event)
            planned += deliveries
        }
        guard !planned.isEmpty else { return }
        transaction.enqueue(DeliveryQueries.remember(told))
        transaction.enqueue(DeliveryQueries.plan(planned, now: now))
        CrashPoint.pass(.notificationMidPlan)
        transaction.afterCommit(wake)
    }

    /// Who is told of an event, where, and not before when. No row for organisations without an address.
    func plan(_ event: any CaseEvent, id: EventID, time: Timestamp, now: Timestamp) -> [PlannedDelivery] {
        let snapshot = event.snapshot
        let isFresh = now.milliseconds(since: time) <= Self.freshness
        var said: Set<SameWords> = []
        return Decision.notices(of: event).flatMap { notice -> [PlannedDelivery] in
            func delivery(
                _ recipient: String, _ lane: String, _ channel: DeliveryChannel, _ dueAt: Timestamp, of ticket: TicketID? = nil
            ) -> PlannedDelivery {
                PlannedDelivery(
                    id: newID(), event: id, ticket: ticket ?? snapshot.ticket, area: snapshot.area, audience: notice.audience,
                    recipient: recipient, lane: lane, channel: channel, template: notice.template,
                    state: isFresh ? .queued : .skipped, dueAt: dueAt, trouble: isFresh ? nil : "stale")
            }
            if notice.audience == .resident {
                let dueAt = snapshot.urgency == .critical ? now : quietHours?.release(now) ?? now
                // Whose ticket was merged into this one is told of the same, by the number and link that they know.
                let others = Decision.concernsJoined(event) ? snapshot.joined.map(\.ticket) : []
                return [delivery("resident", "resident/\(snapshot.ticket)", .sms, dueAt)]
                    + others.map { delivery("resident/\($0)", "resident/\($0)", .sms, dueAt, of: $0) }
            }
            let recipients = book.recipients(of: notice.audience.code)
            if recipients.isEmpty { untold.add() }
            return recipients.map { recipient in
                var delivery = delivery(recipient.key, recipient.key, recipient.channel, now)
                if isFresh, !said.insert(SameWords(recipient, notice)).inserted {
                    (delivery.state, delivery.trouble) = (.skipped, "told-already")
                }
                return delivery
            }
        }
    }
}

/// What makes two messages about one event the same to who reads them: several desks may share one mailbox or telephone. The first
/// in the order of the notices is sent.
private struct SameWords: Hashable {
    let channel: DeliveryChannel
    let address: String
    /// nil for webhooks: whomever it is meant for, the body is the event and its id the event's.
    let words: Words?

    struct Words: Hashable {
        let template: TemplateKey
        let language: Language
        /// Each level has its own desk to open.
        let level: AreaLevel?
    }

    init(_ recipient: Recipient, _ notice: Notice) {
        channel = recipient.channel
        address = recipient.address
        let level: AreaLevel? = if case .area(let area) = notice.audience { area.level } else { nil }
        words =
            recipient.channel == .webhook ? nil : Words(template: notice.template, language: recipient.language, level: level)
    }
}
