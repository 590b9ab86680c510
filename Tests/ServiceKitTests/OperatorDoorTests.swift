import Contracts
import Crypto
import EventLog
import EventLoop
import FoundationEssentials
import HTTP
import JSON
import Kafka
import Postgres
import ServiceKit
import TestKit
import Testing

/// Says tickets, and nothing else.
private enum Speaker: ServiceMain {
    static let name = "intake"
    static let migrations: [Migration] = []
    static let settings: [ConfigurationKey] = []
    static let tables: [TableRights] = []
    static func assemble(_ service: inout Assembly) async throws {
        try service.relay()
        try service.http(Routes())
    }
}

/// Writes down what it hears, and fails for the subjects in `forbidden`.
private enum Hearer: ServiceMain {
    static let name = "routing"
    static let settings: [ConfigurationKey] = []
    static let migrations = [
        Migration(
            version: 101, name: "heard",
            sql: """
                CREATE TABLE heard (n bigint GENERATED ALWAYS AS IDENTITY, subject text, version integer, UNIQUE (subject, version));
                CREATE TABLE forbidden (subject text PRIMARY KEY);
                """)
    ]
    static let tables = [TableRights("heard", .read, .add), TableRights("forbidden", .read)]

    static func assemble(_ service: inout Assembly) async throws {
        try service.consume(
            Subscriptions([
                .each(TicketWithdrawn.self) { event, transaction in
                    let refused = try await transaction.query(
                        "SELECT subject FROM forbidden WHERE subject = \(event.subject)", as: String.self)
                    guard refused.isEmpty else { throw EventLogError(.poison, "nobody may hear this") }
                    transaction.enqueue("INSERT INTO heard (subject, version) VALUES (\(event.subject), \(event.version))")
                }
            ]))
        try service.http(Routes())
    }
}

/// The doors for operators, and `shaoctl`, which knocks at them.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct OperatorDoorTests {
    /// Two services that talk, a key file, and what `shaoctl` needs to find them.
    private struct World: Sendable {
        let harness: ServiceHarness
        let folder: URL
        let options: [String]

        func emit(_ tickets: [TicketID], _ version: Int32) async throws {
            let clock = ManualTimekeeper()
            let outbox = Outbox(ids: UUIDv7Generator(now: { clock.now() }, random: { SystemRandom.bytes($0) }), clock: clock)
            try await harness("intake").pool.transaction { transaction in
                for ticket in tickets { outbox.emit(TicketWithdrawn(ticket: ticket), version: version, in: &transaction) }
            }
        }

        /// What shaoctl printed, and whether it succeeded.
        func shaoctl(_ words: String...) async throws -> (said: String, succeeded: Bool) {
            let output = folder.appending(path: UUID().uuidString)
            try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
            let tool = try ServiceProcess("shaoctl", environment: [:], logDirectory: output)
            var succeeded = true
            do { try await tool.run(words + options) } catch { succeeded = false }
            return (String(decoding: try Data(contentsOf: output.appending(path: "shaoctl.log")), as: UTF8.self), succeeded)
        }

        func status(_ path: String, at service: String, post: Bool = false, token: Bool = true) async throws -> Int {
            var request = HTTPClient.Request(post ? "POST" : "GET", "http://127.0.0.1:\(harness(service).adminPort)\(path)")
            let key = Base64.url.encode(HMACKey(Array("event key of a test".utf8)).authenticate("service-token"))
            if token { request.headers.append(("authorization", "Bearer \(key)")) }
            return try await HTTPClient(.unrestricted).send(request).status
        }

        func text(_ path: String, at service: String) async throws -> String {
            let request = HTTPClient.Request.get("http://127.0.0.1:\(harness(service).adminPort)\(path)")
            return String(decoding: try await HTTPClient(.unrestricted).send(request).body, as: UTF8.self)
        }

        func heard() async throws -> [String] {
            try await harness("routing").pool.query("SELECT subject || ' ' || version FROM heard ORDER BY n", as: String.self)
        }
    }

    private func withWorld(_ body: @escaping @Sendable (World) async throws -> Void) async throws {
        let cluster = try await FreshCluster(.embedded, [KafkaTopicSpec("tickets.v1", partitions: 12)])
        defer { cluster.keep() }
        let folder = FileManager.default.temporaryDirectory.appending(path: "shao-doors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder.appending(path: "secrets"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("event key of a test\n".utf8).write(to: folder.appending(path: "secrets/event.key"))
        try await ServiceHarness.run([Speaker.self, Hearer.self], kafka: cluster.configuration["bootstrap.servers"] ?? "") { harness in
            let admin = ["intake", "routing"].map { "\($0)=http://127.0.0.1:\(harness($0).adminPort)" }.joined(separator: ",")
            try await body(World(harness: harness, folder: folder, options: ["--state", folder.path(), "--admin", admin]))
        }
    }

    @Test(.enabled(if: ServiceProcess.isBuilt("shaoctl")))
    func `parked work is listed, shown, refused, replayed and dropped with shaoctl`() async throws {
        try await withWorld { world in
            let tickets = (0..<20).map { _ in TicketID(UUID()) }
            let (first, second) = ("\(tickets[3])", "\(tickets[4])")
            for ticket in [first, second] { try await world.harness("routing").pool.execute("INSERT INTO forbidden VALUES (\(ticket))") }
            for version in [1, 2] as [Int32] { try await world.emit(tickets, version) }
            await eventually("the others are heard") { try await world.heard().count == 36 }
            await eventually("both wait with both events") {
                try await world.harness("routing").pool.query("SELECT count(*) FROM parked", as: Int64.self) == [4]
            }
            let list = try await world.shaoctl("parked", "list")
            #expect(
                list.succeeded && list.said.contains("\(first)") && list.said.contains("2 events")
                    && list.said.contains("nobody may hear this"))
            let show = try await world.shaoctl("parked", "show", "--subject", first)
            #expect(show.said.contains("ticket.withdrawn.v1  version 2") && show.said.contains("\"ticket\""))
            let early = try await world.shaoctl("parked", "replay", "--subject", first)
            #expect(!early.succeeded && early.said.contains("nobody may hear this"))
            try await world.harness("routing").pool.execute("DELETE FROM forbidden WHERE subject = \(first)")
            let replay = try await world.shaoctl("parked", "replay", "--subject", first)
            #expect(replay.succeeded && replay.said.contains("replayed 2 events"))
            let unexplained = try await world.shaoctl("parked", "drop", "--subject", second)
            #expect(!unexplained.succeeded && unexplained.said.contains("--why"))
            let drop = try await world.shaoctl("parked", "drop", "--subject", second, "--why", "a test, 100 % & more")
            #expect(drop.succeeded && drop.said.contains("dropped 2 events"))
            let kept = try await world.harness("routing").pool.query("SELECT DISTINCT why FROM parked_dropped", as: String.self)
            #expect(kept == ["a test, 100 % & more"])
            let nothing = try await world.shaoctl("parked", "list")
            #expect(nothing.said.contains("nothing is parked"))
            let heard = try await world.heard()
            #expect(heard.filter { $0.hasPrefix(first) } == ["\(first) 1", "\(first) 2"] && heard.count == 38)
        }
    }

    @Test(.enabled(if: ServiceProcess.isBuilt("shaoctl")))
    func `an audit proves equal histories and names the partition that is not`() async throws {
        try await withWorld { world in
            let tickets = (0..<40).map { _ in TicketID(UUID()) }
            try await world.emit(tickets, 1)
            await eventually("all are heard") { try await world.heard().count == 40 }
            let audit = try await world.shaoctl("audit", "--deep")
            #expect(audit.succeeded, "\(audit.said)")
            #expect(audit.said.contains("12/12 equal") && audit.said.contains("40 events") && audit.said.contains("dense, in order"))
            await eventually(within: .seconds(15), "the live audit has written its consumer down") {
                try await world.harness("intake").pool.query(
                    "SELECT coalesce(sum(seq), 0)::bigint FROM stream_consumer WHERE consumer = 'routing'", as: Int64.self) == [40]
            }
            let registered = try await world.harness("intake").pool.query("SELECT DISTINCT consumer FROM stream_consumer", as: String.self)
            #expect(registered == ["routing"], "an operator who asks is no consumer")
            try await world.harness("intake").pool.execute(
                "UPDATE stream SET h = '\\x00' WHERE (topic, part, seq) IN (SELECT topic, part, 1 FROM stream WHERE seq = 3 LIMIT 1)")
            try await world.harness("intake").pool.execute(
                "DELETE FROM stream WHERE (topic, part, seq) IN (SELECT topic, part, 2 FROM stream WHERE seq > 2 LIMIT 1)")
            let deep = try await world.shaoctl("audit", "--deep")
            #expect(!deep.succeeded && deep.said.contains("1 partitions with holes"), "\(deep.said)")
            let victim = try await world.harness("routing").pool.query(
                "UPDATE inbox_cursor SET h = decode(repeat('07', 16), 'hex') WHERE part = (SELECT min(part) FROM inbox_cursor WHERE seq > 0) RETURNING part",
                as: Int32.self)
            let wrong = try await world.shaoctl("audit")
            #expect(
                !wrong.succeeded && wrong.said.contains("11/12 equal") && wrong.said.contains("DIVERGED in \(victim.first ?? -1)"),
                "\(wrong.said)")
            await eventually(within: .seconds(15), "the live audit halts it") {
                try await world.text("/readyz?verbose", at: "routing").contains("DIVERGED")
            }
            #expect(
                try await world.status("/readyz", at: "routing") == 200, "one halted partition does not take the service from the gateway")
        }
    }

    @Test func `the doors are for the services' token only, and say what is wrong with a question`() async throws {
        try await withWorld { world in
            for path in ["/internal/parked", "/internal/cursors", "/internal/heads?topics=tickets.v1", "/internal/audit/deep"] {
                let (shut, open) = try await (world.status(path, at: "routing", token: false), world.status(path, at: "routing"))
                #expect(shut == 401 && open == 200, "\(path)")
            }
            for path in ["/internal/parked/replay?topic=t&subject=s", "/internal/parked/drop?topic=t&subject=s&why=w"] {
                let shut = try await world.status(path, at: "routing", post: true, token: false)
                let open = try await world.status(path, at: "routing", post: true)
                #expect(shut == 401 && open == 404, "\(path)")
            }
            for (path, post, answer) in [
                ("/internal/parked/drop?topic=t&subject=s", true, 400), ("/internal/parked/show?topic=t", false, 400),
                ("/internal/parked/show?topic=t&subject=s", false, 404), ("/internal/heads", false, 400), ("/internal/audit", true, 415),
            ] {
                let status = try await world.status(path, at: "routing", post: post)
                #expect(status == answer, "\(path)")
            }
        }
    }
}
