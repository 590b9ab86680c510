import EventLog
import Postgres
import Telemetry

/// Keeps the city in memory as it is in the database: a change that somebody imports is in force here within a second.
struct KeepCurrent: Sendable {
    let pool: PostgresPool
    let city: CurrentCity
    let clock: any Timekeeper
    let log: Log
    let version: Gauge
    let behind: Gauge

    private static let interval: Int64 = 1_000

    init(pool: PostgresPool, city: CurrentCity, clock: any Timekeeper, log: Log, metrics: MetricsRegistry) {
        self.pool = pool
        self.city = city
        self.clock = clock
        self.log = log
        version = metrics.gauge("shao_city_version", "Which change of places, units and rules this process works by.")
        behind = metrics.gauge("shao_city_is_behind", "1 while a later change could not be read; the process works by the one before.")
        version.set(Double(city.now.data.version))
    }

    /// - Parameter whenDepartmentsChange: called when departments answer on other topics than before.
    func run(whenDepartmentsChange: @Sendable () async -> Void) async throws {
        while !Task.isCancelled {
            try await clock.sleep(milliseconds: Self.interval)
            do {
                if try await look() { await whenDepartmentsChange() }
                behind.set(0)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                behind.set(1)
                log.warning("the city's data could not be read, trying again", ["error": "\(error)"])
            }
        }
    }

    /// Reads what has changed, if anything has. Answers whether departments answer on other topics than before.
    @discardableResult
    func look() async throws -> Bool {
        let known = city.now
        guard try await pool.query(CityQueries.version, as: Int64.self).first != known.data.version else { return false }
        let data = try await pool.transaction(.readOnlySnapshot) { try await $0.loadCity(after: known.data) }
        city.exchange(try City(data, ids: known.ids))
        version.set(Double(data.version))
        log.info("the city has changed", ["version": .int(Int(data.version))])
        return city.now.feedbackTopics != known.feedbackTopics
    }
}
