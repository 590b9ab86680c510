import Synchronization
import Telemetry

/// What the pool counts. Without a registry nothing is kept but the log.
final class PostgresMeter: Sendable {
    let log: Log
    private let statements: Counter?
    private let errors: Counter?
    private let connectFailures: Counter?
    private let roundTrip: Histogram?

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
        if group.error != nil { errors?.add() }
        roundTrip?.observe(ContinuousClock.now - group.started)
    }

    func failed(_ group: StatementGroup) { errors?.add() }

    func connectFailed() { connectFailures?.add() }
}
