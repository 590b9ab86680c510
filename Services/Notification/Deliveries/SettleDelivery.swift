import Contracts
import EventLog
import Postgres
import Telemetry

/// Writes down what came of an attempt: settled and said on `deliveries.v1`, or queued again.
struct SettleDelivery: Sendable {
    let pool: PostgresPool
    let outbox: Outbox
    let clock: any Timekeeper
    /// 0 ..< 1; spreads repeated attempts.
    let chance: @Sendable () -> Double
    let log: Log
    let meter: DeliveryMeter

    /// Never throws: when the database cannot be reached until the lease ends, the delivery counts as abandoned.
    func record(_ claim: Claim, _ attempt: Attempt) async {
        let deadline = clock.now() + Retrying.lease
        while true {
            do {
                try await pool.transaction { transaction in try await write(claim, attempt, &transaction) }
                meter.count(claim.channel, attempt)
                return
            } catch {
                log.warning("the outcome of a delivery could not be stored", ["delivery": .string("\(claim.id)"), "error": "\(error)"])
                guard clock.now() < deadline, (try? await clock.sleep(milliseconds: 1_000)) != nil else { return }
            }
        }
    }

    /// Claims of processes that died: nobody knows whether the message left.
    func abandoned(now: Timestamp) async throws {
        let lost = try await pool.transaction { transaction in
            let claims = try await transaction.query(DeliveryQueries.abandoned(now: now), as: Claim.self)
            for claim in claims { try await write(claim, .unclear("abandoned"), &transaction) }
            return claims
        }
        for claim in lost {
            meter.count(claim.channel, .unclear("abandoned"))
            log.warning("a delivery was abandoned between claim and outcome", ["delivery": .string("\(claim.id)")])
        }
    }

    private func write(_ claim: Claim, _ attempt: Attempt, _ transaction: inout PostgresTransaction) async throws {
        let now = clock.now()
        let step = Retrying.step(after: attempt, by: claim.channel, tries: claim.tries, now: now, chance: chance())
        let statement =
            switch step {
            case .again(let moment): DeliveryQueries.postpone(claim, until: moment, attempt.trouble)
            case .hold(let moment): DeliveryQueries.hold(claim, until: moment, attempt.trouble)
            case .settle(let state): DeliveryQueries.settle(claim, state, attempt.trouble, now: now)
            }
        // No row: the lease had ended, and whoever took the claim over has written what came of it.
        guard let settlements = try await transaction.query(statement, as: Int32.self).first else { return }
        transaction.enqueue(DeliveryQueries.attempted(claim, attempt, now: now))
        guard case .settle(let state) = step, let outcome = state.outcome else { return }
        let event = DeliverySettled(
            delivery: claim.id, ticket: claim.ticket, area: claim.area, event: claim.event, channel: claim.channel, outcome: outcome,
            attempts: claim.attempts)
        outbox.emit(event, version: settlements, cause: claim.event, in: &transaction)
    }
}

/// Attempts by channel and what came of them.
struct DeliveryMeter: Sendable {
    private let counters: [String: Counter]

    init(_ metrics: MetricsRegistry) {
        var counters: [String: Counter] = [:]
        for channel in DeliveryChannel.allCases {
            for outcome in ["sent", "later", "refused", "unclear", "held", "skipped"] {
                counters["\(channel.rawValue)/\(outcome)"] = metrics.counter(
                    "shao_delivery_attempts_total", "Attempts to tell somebody.",
                    labels: [("channel", channel.rawValue), ("outcome", outcome)])
            }
        }
        self.counters = counters
    }

    func count(_ channel: DeliveryChannel, _ attempt: Attempt) { counters["\(channel.rawValue)/\(attempt.code)"]?.add() }
}
