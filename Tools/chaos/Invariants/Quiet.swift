import EventLoop
import Postgres

/// Waiting until everything that was said has been heard.
struct Quiet: Sendable {
    let street: Street

    /// What is not at its end yet; empty when all is quiet.
    func unfinished() async throws -> [String] {
        var left: [String] = []
        var heads: [String: String] = [:]
        for service in Street.services {
            let waiting = try await street.databases.count(service, InvariantQueries.unsequenced)
            if waiting > 0 { left.append("\(service): \(waiting) events without a number") }
            for row in try await street.databases.pool(service).query(InvariantQueries.heads, as: PlaceRow.self) where !row.isForeign {
                heads[row.partition] = row.place
            }
        }
        for service in Street.services {
            let cursors = try await street.databases.pool(service).query(InvariantQueries.cursors, as: PlaceRow.self)
            let behind = cursors.filter { cursor in heads[cursor.partition].map { $0 != cursor.place } ?? false }
            if let first = behind.first {
                left.append(
                    "\(service): \(behind.count) partitions not at their owner's end, \(first.partition) at \(first.place) of \(heads[first.partition] ?? "")"
                )
            }
        }
        let sending = try await street.databases.count("notification", InvariantQueries.dueDeliveries)
        if sending > 0 { left.append("notification: \(sending) deliveries due") }
        return left
    }

    /// Two quiet looks one after the other with nothing new between them. Throws with what is left.
    func wait(within limit: Duration) async throws {
        var last = ""
        var left: [String] = ["nobody answered"]
        let isQuiet = await Wait.until(limit, every: .milliseconds(150)) {
            left = try await unfinished()
            guard left.isEmpty else {
                last = ""
                return false
            }
            let now = try await state()
            defer { last = now }
            return last == now
        }
        guard isQuiet else { throw Failure(left.prefix(3).joined(separator: "; ")) }
    }

    private func state() async throws -> String {
        var all = ""
        for service in Street.services { all += try await street.databases.texts(service, InvariantQueries.position).joined() + " " }
        return all
    }
}

/// A partition and how far somebody is in it, with the hash.
struct PlaceRow: PostgresRowDecodable {
    let partition: String
    let place: String
    /// Spoken to people outside: nobody of ours listens.
    var isForeign: Bool { partition.hasPrefix("dispatch.") || partition.contains("-dlt") }

    init(row: borrowing PostgresRow) throws(PostgresError) {
        partition = try row["partition"]
        place = try row["place"]
    }
}
