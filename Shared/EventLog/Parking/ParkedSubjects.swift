public import Postgres
import Synchronization
public import Telemetry

/// What is parked in a service's database, for its operators: listed, shown, replayed after a repair, or dropped for good.
public struct ParkedSubjects: Sendable {
    /// What became of a replay.
    public enum Replay: Sendable, Equatable {
        /// So many events were applied, and the subject goes on.
        case done(events: Int)
        /// Nothing of that name is parked.
        case absent
        /// It failed again; nothing has changed.
        case failed(reason: String)
    }

    private let pool: PostgresPool
    private let effects: Effects
    private let unparked: Counter
    private let subjects: Gauge
    private let count = Count()

    private final class Count: Sendable {
        let value = Atomic<Int>(0)
    }

    public init(pool: PostgresPool, subscriptions: Subscriptions, metrics: MetricsRegistry) {
        self.pool = pool
        effects = Effects(subscriptions)
        unparked = metrics.counter("shao_unparked_total", "Parked subjects replayed or dropped.")
        subjects = metrics.gauge("shao_parked_subjects", "Subjects parked now.")
    }

    /// What readiness says about it; nil when nothing is parked.
    public var remark: String? {
        let count = count.value.load(ordering: .relaxed)
        return count == 0 ? nil : "\(count) subjects are parked: shaoctl parked list"
    }

    /// Counts again, for the gauge and the remark.
    public func recount() async throws {
        let count = try await pool.query(ParkingQueries.count) { row in try row["count"] as Int64 }.first ?? 0
        self.count.value.store(Int(count), ordering: .relaxed)
        subjects.set(Double(count))
    }

    /// The first thousand, oldest first.
    public func list() async throws -> [ParkedSubject] {
        try await pool.query(ParkingQueries.list)
    }

    /// A subject's waiting events in order, the first thousand; empty when it is not parked.
    public func show(topic: String, subject: String) async throws -> [ParkedEvent] {
        try await pool.query(ParkingQueries.show(topic, subject))
    }

    /// Applies all of a subject's events in order, in one transaction, and lets it go on. Throws what may pass by itself.
    public func replay(topic: String, subject: String) async throws -> Replay {
        do {
            let replayed = try await pool.transaction { transaction -> Int? in
                guard try await hold(topic, subject, &transaction) else { return nil }
                let events = try await transaction.query(ParkingQueries.events(topic, subject)) { row in try CommittedEvent(row: row) }
                try await effects.apply(events, &transaction)
                CrashPoint.pass(.parkingMidReplay)
                release(topic, subject, &transaction)
                return events.count
            }
            guard let replayed else { return .absent }
            try await settle()
            return .done(events: replayed)
        } catch  where FailureClass(of: error) == .lasting {
            return .failed(reason: "\(error)")
        }
    }

    /// Gives a subject's events up: they are kept with the reason, and never applied. nil when it is not parked.
    public func drop(topic: String, subject: String, why: String) async throws -> Int? {
        let dropped = try await pool.transaction { transaction -> Int? in
            guard try await hold(topic, subject, &transaction) else { return nil }
            let count = try await transaction.execute(ParkingQueries.keepDropped(topic, subject, why))
            release(topic, subject, &transaction)
            return count
        }
        if dropped != nil { try await settle() }
        return dropped
    }

    private func hold(_ topic: String, _ subject: String, _ transaction: inout PostgresTransaction) async throws -> Bool {
        try await !transaction.query(ParkingQueries.take(topic, subject), as: Int32.self).isEmpty
    }

    private func release(_ topic: String, _ subject: String, _ transaction: inout PostgresTransaction) {
        transaction.enqueue(ParkingQueries.forgetEvents(topic, subject))
        transaction.enqueue(ParkingQueries.forgetSubject(topic, subject))
    }

    private func settle() async throws {
        unparked.add()
        try? await recount()
    }
}
