import Contracts
import EventLog
import FoundationEssentials
import HTTP
import JSON

/// `shaoctl audit`: proves that what every service has applied is what its owners have.
enum AuditHistories {
    static let command = Command(
        words: ["audit"], summary: "prove that the services' histories are equal, one hash per partition",
        options: AdminDoors.options + [
            .flag("deep", "read all streams too: numbers dense, each subject's versions rising, nothing left unnumbered")
        ],
        story: """
            Asks every service how far it has applied each partition, and with which hash, and asks the owners whether that is
            their history: two questions to each, all at once. Equal hashes prove equal histories from the first event on.
            Exit 1 when a history is not the owner's.
            """,
        run: run)

    @Sendable private static func run(_ arguments: Arguments) async throws {
        let environment = ProcessInfo.processInfo.environment
        let doors = try AdminDoors(arguments, environment: environment)
        let terminal = Terminal(environment: environment)
        for door in doors.doors { _ = try await doors.send(.get("\(door.url)/livez")) }
        let began = ContinuousClock.now
        let cursors = try await cursors(doors)
        let verdicts = try await verdicts(cursors, doors)
        let took = ContinuousClock.now - began
        let table = AuditTable(verdicts)
        for line in table.lines { terminal.say(line) }
        let milliseconds = Double(took.components.attoseconds / 1_000_000_000_000) / 1000 + Double(took.components.seconds) * 1000
        terminal.say("\(table.summary) in \(milliseconds) ms (connections were open)")
        var isSound = table.isEqual
        if arguments.has("deep") { isSound = try await deep(doors, terminal) && isSound }
        if !isSound { throw Stop.failed("the histories are not what they must be") }
    }

    /// Every service's cursors, asked at once.
    private static func cursors(_ doors: AdminDoors) async throws -> [(consumer: String, cursor: AuditedCursor)] {
        try await withThrowingTaskGroup { group in
            for door in doors.doors {
                group.addTask {
                    let page = try await doors.fetch(AuditQuestion.self, .get("\(door.url)/internal/cursors"))
                    return page.cursors.map { (consumer: door.service, cursor: $0) }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Every owner asked about all who hear it, at once. Nobody is written down as a consumer.
    private static func verdicts(
        _ cursors: [(consumer: String, cursor: AuditedCursor)], _ doors: AdminDoors
    ) async throws -> [AuditTable.Row] {
        let byOwner = Dictionary(grouping: cursors) { Topics.named($0.cursor.partition.topic)?.owner.rawValue ?? "" }
        return try await withThrowingTaskGroup { group in
            for (owner, asked) in byOwner {
                guard let door = doors.doors.first(where: { $0.service == owner }) else { continue }
                group.addTask {
                    let question = AuditQuestion(consumer: nil, cursors: asked.map(\.cursor))
                    let answer = try await doors.fetch(AuditAnswer.self, .post("\(door.url)/internal/audit", question.json))
                    return zip(asked, answer.verdicts).map { AuditTable.Row(consumer: $0.consumer, cursor: $0.cursor, verdict: $1) }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func deep(_ doors: AdminDoors, _ terminal: Terminal) async throws -> Bool {
        var isSound = true
        for door in doors.doors {
            let audit = try await doors.fetch(DeepAudit.self, .get("\(door.url)/internal/audit/deep"), within: .seconds(300))
            terminal.say(
                Columns.pad(door.service, to: 14) + "\(audit.events) events: "
                    + (audit.isSound
                        ? "dense, in order, all numbered"
                        : "\(audit.holes) partitions with holes, \(audit.disorder) out of order, \(audit.unnumbered) unnumbered"))
            isSound = isSound && audit.isSound
        }
        return isSound
    }
}

/// What the audit found, by topic and consumer.
struct AuditTable {
    struct Row: Sendable {
        let consumer: String
        let cursor: AuditedCursor
        let verdict: AuditVerdict
    }
    private let rows: [Row]

    init(_ rows: [Row]) { self.rows = rows }

    var isEqual: Bool { !rows.isEmpty && !rows.contains { $0.verdict.isDivergence } }

    var lines: [String] {
        let groups = Dictionary(grouping: rows) { "\(Columns.pad($0.cursor.partition.topic, to: 18))\($0.consumer)" }
        return groups.sorted { $0.key < $1.key }.map { name, rows in
            let equal = rows.count { $0.verdict == .equal }
            let events = rows.reduce(0) { $0 + $1.cursor.cursor.seq }
            let odd = rows.filter { $0.verdict != .equal }.sorted { $0.cursor.partition.part < $1.cursor.partition.part }
            let told = odd.map { row in
                "  \(row.verdict.isDivergence ? "DIVERGED" : row.verdict.rawValue) in \(row.cursor.partition.part) at \(row.cursor.cursor.seq)"
            }
            return Columns.pad(name, to: 34) + Columns.padLeft("\(equal)/\(rows.count) equal", to: 13)
                + Columns.padLeft("\(events) events", to: 18) + told.joined()
        }
    }

    var summary: String {
        let equal = rows.count { $0.verdict == .equal }
        return "\(equal) of \(rows.count) partition histories equal to their owner's, one hash each,"
    }
}
