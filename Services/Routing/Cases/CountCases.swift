import Contracts
import EventLog
import Postgres
import Telemetry

/// How many cases wait, by state: for who watches the street's work as a whole.
struct CountCases: Sendable {
    let pool: PostgresPool
    let clock: any Timekeeper
    let log: Log
    private let gauges: [(state: CaseState, gauge: Gauge)]

    init(pool: PostgresPool, clock: any Timekeeper, log: Log, metrics: MetricsRegistry) {
        self.pool = pool
        self.clock = clock
        self.log = log
        gauges = CaseState.allCases.filter { !$0.isFinal }.map { state in
            (state, metrics.gauge("shao_cases_waiting", "Cases that wait in this state.", labels: [("state", state.rawValue)]))
        }
    }

    /// As often as Prometheus asks.
    private static let interval: Int64 = 15_000

    func run() async throws {
        while !Task.isCancelled {
            do { try await count() } catch is CancellationError { return } catch {
                log.notice("cases could not be counted, trying again", ["error": "\(error)"])
            }
            try await clock.sleep(milliseconds: Self.interval)
        }
    }

    func count() async throws {
        let rows = try await pool.query(CaseQueries.waiting(gauges.map(\.state))) { row in
            (try row["state"] as String, try row["count"] as Int64)
        }
        let counts = Dictionary(rows, uniquingKeysWith: { first, _ in first })
        for (state, gauge) in gauges { gauge.set(Double(counts[state.rawValue] ?? 0)) }
    }
}
