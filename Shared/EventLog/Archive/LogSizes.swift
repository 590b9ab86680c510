import Postgres
import Telemetry

/// What the log takes of the database's disk.
struct LogSizes: Sendable {
    private let outbox: Gauge, stream: Gauge, database: Gauge

    init(_ metrics: MetricsRegistry) {
        func gauge(_ table: String) -> Gauge {
            metrics.gauge("shao_log_bytes", "Bytes on disk of all partitions, with their indexes.", labels: [("table", table)])
        }
        (outbox, stream) = (gauge("outbox"), gauge("stream"))
        database = metrics.gauge("postgres_database_bytes", "Bytes on disk of the service's database.")
    }

    func set(_ sizes: [LogSize]) {
        for size in sizes {
            outbox.set(Double(size.outbox))
            stream.set(Double(size.stream))
            database.set(Double(size.database))
        }
    }
}

/// Bytes on disk.
struct LogSize: Sendable, PostgresRowDecodable {
    let outbox: Int64, stream: Int64, database: Int64

    init(row: borrowing PostgresRow) throws(PostgresError) {
        outbox = try row["outbox"]
        stream = try row["stream"]
        database = try row["database"]
    }
}
