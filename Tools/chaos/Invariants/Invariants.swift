import CPosix
import EventLoop
import FoundationEssentials
import Glibc
import JSON
import Postgres

/// The promises I1 to I12, asked of the databases when all is quiet. What is broken comes back in words; nothing means kept.
struct Invariants: Sendable {
    let street: Street
    let journal: Journal
    let counters: Counters

    /// - Parameter afterRestore: Notification has forgotten what it sent since the backup, and may send that once more: what left is
    ///   not compared with what it knows.
    func broken(afterRestore: Bool = false) async throws -> [String] {
        var found: [String] = []
        for (name, check) in checks + (afterRestore ? [] : [("I9", leftOnce)]) {
            do {
                found += try await check().map { "\(name): \($0)" }
            } catch {
                found.append("\(name) could not be asked: \(error)")
            }
        }
        return found
    }

    private var checks: [(String, @Sendable () async throws -> [String])] {
        [
            ("I1", journalled), ("I2", equal), ("I3", dense), ("I4", ordered), ("I5", projections), ("I6", folded), ("I7", evaluatedOnce),
            ("I8", legal), ("I9", toldOnce), ("I11", bounded), ("I12", secret),
        ]
    }

    private var databases: Databases { street.databases }

    // MARK: I1

    private func journalled() async throws -> [String] {
        let entries = journal.entries
        var found = try await held("report", "intake", InvariantQueries.reports, entries.filter { $0.value.kind == .report })
        found += try await held("evaluation", "voting", InvariantQueries.evaluations, entries.filter { $0.value.kind == .evaluation })
        found += try await databases.texts("intake", InvariantQueries.sameNumber).map { "number \($0) was given twice" }
        found += try await databases.texts("intake", InvariantQueries.ticketsUnsaid).map { "ticket \($0) and its event are not one to one" }
        return found
    }

    private func held(_ what: String, _ service: String, _ sql: SQL, _ entries: [String: Journal.Entry]) async throws -> [String] {
        let rows = try await databases.pool(service).query(sql) { row in (key: try row["key"] as String, id: try row["id"] as String) }
        let byKey = Dictionary(grouping: rows, by: \.key)
        var found: [String] = []
        for (key, entry) in entries {
            let stored = byKey[key] ?? []
            switch entry.outcome {
            case .accepted(let id) where stored.count != 1 || stored[0].id != id:
                found.append("\(what) \(key) was accepted as \(id) and is there \(stored.count) times")
            case .refused(let status) where !stored.isEmpty: found.append("\(what) \(key) was refused with \(status) and is there")
            case .unknown where stored.count > 1: found.append("\(what) \(key) is there \(stored.count) times")
            default: break
            }
        }
        for key in byKey.keys where entries[key] == nil { found.append("\(what) \(key) was never asked for") }
        return Array(found.prefix(3))
    }

    // MARK: I2, I3, I4, I8

    private func equal() async throws -> [String] {
        var heads: [String: String] = [:]
        for service in Street.services {
            for row in try await databases.pool(service).query(InvariantQueries.heads, as: PlaceRow.self) {
                heads[row.partition] = row.place
            }
        }
        var found: [String] = []
        for service in Street.services {
            for row in try await databases.pool(service).query(InvariantQueries.cursors, as: PlaceRow.self) {
                let head = heads[row.partition] ?? "0 \(String(repeating: "0", count: 32))"
                if head != row.place { found.append("\(service) holds \(row.partition) at \(row.place), its owner at \(head)") }
            }
        }
        return Array(found.prefix(3))
    }

    private func dense() async throws -> [String] {
        var found: [String] = []
        for service in Street.services {
            found += try await databases.texts(service, InvariantQueries.holes).map { "\(service)'s \($0) has holes" }
            found += try await databases.texts(service, InvariantQueries.unregistered).map { "\(service)'s \($0) is not registered" }
            found += try await databases.texts(service, InvariantQueries.cursorsTwice).map { "\(service) has two cursors of \($0)" }
            let left = try await databases.count(service, InvariantQueries.unsequenced)
            if left > 0 { found.append("\(service) has \(left) events without a number") }
        }
        return found
    }

    private func ordered() async throws -> [String] {
        var found: [String] = []
        for service in Street.services {
            found += try await databases.texts(service, InvariantQueries.disorder).map { "\(service): \($0)" }
            found += try await databases.texts(service, InvariantQueries.twice).map { "\(service): event \($0) twice" }
        }
        return found
    }

    private func legal() async throws -> [String] {
        let moves = try await databases.texts("routing", InvariantQueries.moves)
        return moves.filter { !CaseMoves.legal.contains($0) }.map { "a case went from \($0)" }
    }

    // MARK: I5, I6, I7: what others made of it

    private func projections() async throws -> [String] {
        let cases = try await pairs("routing", InvariantQueries.cases)
        var found = Self.differences("tickets and cases", Set(try await pairs("intake", InvariantQueries.ticketIDs).keys), Set(cases.keys))
        found += Self.differences(
            "intake's progress", try await pairs("routing", InvariantQueries.said), try await pairs("intake", InvariantQueries.progress))
        found += Self.differences(
            "voting's cases", Set(cases.keys), Set(try await pairs("voting", InvariantQueries.evaluable).keys))
        found += Self.differences(
            "voting's rounds", try await pairs("routing", InvariantQueries.closings), try await pairs("voting", InvariantQueries.rounds))
        found += Self.differences("analytics' facts", cases, try await pairs("analytics", InvariantQueries.facts))
        found += try await databases.texts("routing", InvariantQueries.calls).map { "a unit was called twice for \($0)" }
        return found
    }

    private func folded() async throws -> [String] {
        Self.differences(
            "messages counted", try await pairs("notification", InvariantQueries.messagesSaid),
            try await pairs("analytics", InvariantQueries.messageFacts))
            + Self.differences(
                "overdue clocks counted", try await pairs("routing", InvariantQueries.overdueSaid),
                try await pairs("analytics", InvariantQueries.overdueFacts))
    }

    private func evaluatedOnce() async throws -> [String] {
        let held = try await pairs("voting", InvariantQueries.evaluationsHeld)
        return try await databases.texts("voting", InvariantQueries.evaluationsTwice).map {
            "ticket \($0) was evaluated twice in one round"
        }
            + Self.differences("evaluations said", held, try await pairs("voting", InvariantQueries.evaluationsSaid))
            + Self.differences("evaluations heard", held, try await pairs("routing", InvariantQueries.evaluationsHeard))
    }

    // MARK: I9, I11, I12

    private func toldOnce() async throws -> [String] {
        try await databases.texts("notification", InvariantQueries.toldTwice).map { "event \($0) was told twice" }
    }

    private func leftOnce() async throws -> [String] {
        var found: [String] = []
        let states = try await pairs("notification", InvariantQueries.deliveries)
        var lines: [String: Int] = [:]
        for name in ["sms", "wechat", "mail"] {
            let text = (try? Environment.text("\(street.environment.state)/outbox/\(name).jsonl")) ?? ""
            for line in text.split(separator: "\n") {
                guard let id = try? JSONReader.decode(JSONValue.self, from: Array(line.utf8))["id"]?.text else {
                    found.append("a line of \(name).jsonl cannot be read")
                    continue
                }
                lines[id, default: 0] += 1
            }
        }
        for (id, count) in lines where count > 1 { found.append("message \(id) left \(count) times") }
        for (id, state) in states where state == "sent" && lines[id] == nil { found.append("message \(id) counts as sent and never left") }
        for id in lines.keys where states[id] == nil { found.append("message \(id) left without a delivery") }
        return Array(found.prefix(3))
    }

    private func bounded() async throws -> [String] {
        var found: [String] = []
        let largest = counters.largest
        if largest.mib > 400 { found.append("\(largest.name) weighs \(largest.mib) MiB") }
        if largest.descriptors > 400 { found.append("a process holds \(largest.descriptors) descriptors") }
        let sessions = try await databases.server.query(DatabaseQueries.sessions, as: Int64.self).first ?? 0
        if sessions > 150 { found.append("\(sessions) sessions at Postgres") }
        return found
    }

    private func secret() async throws -> [String] {
        var found: [String] = []
        for canary in [Residents.phone, Residents.identity] {
            for service in Street.services {
                found += try await databases.texts(service, InvariantQueries.leaks(canary)).map { "\(service) says \(canary) on \($0)" }
            }
            found += try await databases.texts("analytics", InvariantQueries.factLeaks(canary)).map { "analytics keeps \(canary) of \($0)" }
            for name in try FileManager.default.contentsOfDirectory(atPath: street.environment.logs) where name.hasSuffix(".log") {
                guard let data = try? Data(contentsOf: URL(filePath: "\(street.environment.logs)/\(name)")) else { continue }
                if Self.contains(data, canary) { found.append("\(name) holds \(canary)") }
            }
        }
        return found
    }

    private static func contains(_ data: Data, _ text: String) -> Bool {
        let needle = Array(text.utf8)
        return data.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            return cpx_find(base, bytes.count, needle, needle.count) != nil
        }
    }

    // MARK: Comparing

    private func pairs(_ service: String, _ sql: SQL) async throws -> [String: String] {
        let rows = try await databases.pool(service).query(sql) { row in (try row["key"] as String, try row["value"] as String) }
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }

    private static func differences(_ what: String, _ left: [String: String], _ right: [String: String]) -> [String] {
        let keys = Set(left.keys).union(right.keys)
        return keys.filter { left[$0] != right[$0] }.sorted().prefix(2).map {
            "\(what): \($0) is \(left[$0] ?? "not there") here and \(right[$0] ?? "not there") there"
        }
    }

    private static func differences(_ what: String, _ left: Set<String>, _ right: Set<String>) -> [String] {
        left.symmetricDifference(right).sorted().prefix(2).map { "\(what): \($0) is on one side only" }
    }
}

/// From which state a case may come into which (docs: the table of states); a state may also stay.
enum CaseMoves {
    static let legal: Set<String> = {
        let table: [String: [String]] = [
            "-": ["reported"],
            "reported": ["filed", "dispatched", "declined", "merged", "withdrawn"],
            "filed": ["answered", "whistled", "dispatched", "suspended"],
            "whistled": ["dispatched", "filed", "answered"],
            "dispatched": ["handling", "disputed", "answered"],
            "disputed": ["dispatched", "handling", "answered"],
            "handling": ["answered", "disputed", "suspended", "dispatched"],
            "suspended": ["handling", "filed", "answered", "disputed"],
            "answered": ["closed", "filed", "handling", "dispatched", "whistled"],
            "closed": ["evaluated", "filed", "whistled", "dispatched", "handling", "reported"],
            "evaluated": ["filed", "whistled", "dispatched", "handling", "reported"],
            "merged": ["reported"], "declined": ["reported"], "withdrawn": ["reported"],
        ]
        var legal: Set<String> = []
        for (from, targets) in table {
            for target in targets { legal.insert("\(from) \(target)") }
            if from != "-" { legal.insert("\(from) \(from)") }
        }
        // One command may open a case and send it on: the snapshot of its first event shows where it stands.
        legal.insert("- dispatched")
        return legal
    }()
}
