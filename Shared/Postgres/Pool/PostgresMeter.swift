import Synchronization
import Telemetry

/// What the pool counts. Without a registry nothing is kept but the log and the moment of the newest answer.
final class PostgresMeter: Sendable {
    let log: Log
    private let statements: Counter?
    private let errors: Counter?
    private let connectFailures: Counter?
    private let roundTrip: Histogram?
    private let answered = Mutex<ContinuousClock.Instant?>(nil)

    /// When the server last did what it was asked.
    var lastAnswer: ContinuousClock.Instant? { answered.withLock(\.self) }

    init(_ metrics: MetricsRegistry?, log: Log) {
        self.log = log
        statements = metrics?.counter("postgres_statements_total", "Statements answered by Postgres.")
        errors = metrics?.counter("postgres_errors_total", "Groups of statements that failed.")
        connectFailures = metrics?.counter("postgres_connect_failures_total", "Connections that could not be made.")
        roundTrip = metrics?.histogram(
            "postgres_round_trip_seconds", "From sending a group of statements to its last answer.",
            buckets: MetricsRegistry.seconds)
    }

    func finished(_ group: StatementGroup) {
        statements?.add(group.statements.count)
        let now = ContinuousClock.now
        if group.error == nil { answered.withLock { $0 = now } } else { errors?.add() }
        roundTrip?.observe(now - group.started)
    }

    func failed(_ group: StatementGroup) { errors?.add() }

    func connectFailed() { connectFailures?.add() }
}
