import Contracts
import EventLog
import Postgres
import Telemetry

/// A message that will be sent, before anybody has tried.
struct PlannedDelivery: Sendable {
    let id: DeliveryID
    let event: EventID
    let ticket: TicketID
    let community: AreaCode
    let audience: Audience
    let recipient: String
    let lane: String
    let channel: DeliveryChannel
    let template: TemplateKey
    let state: DeliveryState
    let dueAt: Timestamp
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
        return Decision.notices(of: event).flatMap { notice -> [PlannedDelivery] in
            func delivery(
                _ recipient: String, _ lane: String, _ channel: DeliveryChannel, _ dueAt: Timestamp, of ticket: TicketID? = nil
            ) -> PlannedDelivery {
                PlannedDelivery(
                    id: newID(), event: id, ticket: ticket ?? snapshot.ticket, community: snapshot.community, audience: notice.audience,
                    recipient: recipient, lane: lane, channel: channel, template: notice.template,
                    state: isFresh ? .queued : .skipped, dueAt: dueAt)
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
            return recipients.map { delivery($0.key, $0.key, $0.channel, now) }
        }
    }
}
