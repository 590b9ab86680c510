import Channels
import Contracts
import Crypto
import EventLoop
import HTTP
import Postgres
import Synchronization
import Telemetry
import TestKit

@testable import EventLog
@testable import Notification

/// A channel that answers as told and keeps what it was given.
final class Recorder: Channels.Channel {
    private struct State {
        var messages: [ChannelMessage] = []
        var answers: [Channels.DeliveryOutcome] = []
    }
    private let state = Mutex(State())

    var messages: [ChannelMessage] { state.withLock { $0.messages } }

    /// The next answers, in order; `sent` afterwards.
    func answer(_ answers: Channels.DeliveryOutcome...) { state.withLock { $0.answers += answers } }

    func deliver(_ message: ChannelMessage) async -> Channels.DeliveryOutcome {
        state.withLock { state in
            state.messages.append(message)
            return state.answers.isEmpty ? .sent : state.answers.removeFirst()
        }
    }
}

/// Log lines, kept.
final class Lines: LogSink {
    private let kept = Mutex<[String]>([])
    func write(_ line: [UInt8]) { kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    var all: String { kept.withLock { $0.joined() } }
}

/// Intake's door for contacts, as a real server.
final class Contacts: Sendable {
    static let bearer = "Bearer service-token"
    private let asked = Mutex<[String]>([])
    private let phones: Mutex<[TicketID: String]>
    private let silent = Mutex(false)

    init(_ phones: [TicketID: String]) { self.phones = Mutex(phones) }

    /// `purpose` of each asking.
    var askings: [String] { asked.withLock { $0 } }

    /// Whether intake answers 503.
    var isSilent: Bool {
        get { silent.withLock { $0 } }
        set { silent.withLock { $0 = newValue } }
    }

    var routes: Routes {
        var routes = Routes()
        routes.get("/internal/contacts/{ticket}") { request in
            guard request.header("authorization") == Self.bearer else { throw Problem.unauthorized() }
            guard try request.query("reader") == "notification", let purpose = try request.query("purpose") else {
                throw Problem(400, "bad-query")
            }
            if self.isSilent { throw Problem.unavailable() }
            self.asked.withLock { $0.append(purpose) }
            let ticket = TicketID(try request.pathParameter("ticket"))
            guard let phone = self.phones.withLock({ phones in ticket.flatMap { phones[$0] } }) else { throw Problem.notFound() }
            return .bytes(Array("{\"phone\":\"\(phone)\"}".utf8), type: "application/json")
        }
        return routes
    }
}

/// The service without Kafka: a database, a clock moved by hand, and senders.
struct World: Sendable {
    static let phone = "13800138000"

    let pool: PostgresPool
    let clock = ManualTimekeeper("2026-11-23T12:00:00.000+08:00")
    let sms = Recorder(), email = Recorder()
    let contacts: Contacts
    let lines = Lines()
    let hash = AddressHash(key: HMACKey(Array("link key".utf8)))
    let book: RecipientBook
    let ids: UUIDv7Generator
    let intake: String
    private let client: HTTPClient
    private let mail: (any Channels.Channel)?

    var log: Log { Log("notification", level: .debug, sink: lines) }

    /// - Parameter recipients: the file's text.
    static func with(
        recipients: String = "{}", mail: (any Channels.Channel)? = nil, _ body: (World) async throws -> Void
    ) async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all + (try Notification.migrations), poolSize: 8) { pool in
            let contacts = Contacts([Samples.ticket: World.phone])
            try await HTTPServer.serving(contacts.routes) { port in
                try await body(
                    World(pool, recipients, contacts, "http://127.0.0.1:\(port)", mail))
            }
        }
    }

    private init(
        _ pool: PostgresPool, _ recipients: String, _ contacts: Contacts, _ intake: String, _ mail: (any Channels.Channel)?
    ) throws {
        self.pool = pool
        self.contacts = contacts
        self.intake = intake
        self.mail = mail
        book = try RecipientBook(json: Array(recipients.utf8), hash: hash)
        let clock = clock
        ids = UUIDv7Generator(now: { clock.now() }, random: { SystemRandom.bytes($0) })
        client = try HTTPClient(.loopbackAllowedForTests)
    }

    /// Hears an event; answers its id.
    @discardableResult
    func hear<E: CaseEvent>(_ event: E, id: EventID? = nil, quiet: QuietHours? = nil, wake: Signal? = nil, age: Duration = .zero)
        async throws -> EventID
    {
        let id = id ?? ids.next()
        let ids = ids
        let plan = PlanDeliveries(
            book: book, quietHours: quiet, clock: clock, newID: { ids.next() }, wake: { wake?.raise() },
            untold: MetricsRegistry().counter("untold", ""))
        let envelope = Samples.envelope(event, id: id, time: clock.now() - age)
        try await pool.transaction(.asynchronousCommit) { transaction in try await plan.apply([envelope], &transaction) }
        return id
    }

    /// Runs senders for the time of `body`.
    func sending(replicas: Int = 1, wake: Signal = Signal(), gates: OutletGates? = nil, _ body: () async throws -> Void) async throws {
        let senders = (0..<replicas).map { sender(wake: $0 == 0 ? wake : Signal(), gates: gates ?? self.gates()) }
        let tasks = senders.map { sender in Task(executorPreference: EventLoop.shared) { try await sender.run() } }
        do {
            try await body()
        } catch {
            for task in tasks { task.cancel() }
            throw error
        }
        for sender in senders { sender.stop() }
        for task in tasks { try await task.value }
    }

    /// All ways open; letters go one at a time until one has arrived.
    func gates(_ metrics: MetricsRegistry = MetricsRegistry()) -> OutletGates {
        OutletGates(unproven: ["email"], log: log, metrics: metrics)
    }

    private func sender(wake: Signal, gates: OutletGates) -> SendDeliveries {
        let courier = Courier(
            pool: pool, book: book, contacts: AskContact(client: client, intake: intake, bearer: Contacts.bearer),
            outlets: Outlets(email: mail ?? email, sms: SMSChannel(over: sms), wechat: nil, webhooks: client, clock: clock),
            pages: PageAddresses(publicURL: "https://shao.example", status: { "/s/\($0)" }, evaluate: { "/e/\($0)" }),
            source: "/street/310106019000/routing", street: "彩虹街道")
        return SendDeliveries(
            limit: 4, pool: pool, courier: courier, settle: settle, gates: gates, clock: clock, wake: wake, loop: .shared, log: log)
    }

    var settle: SettleDelivery {
        SettleDelivery(
            pool: pool, outbox: Outbox(ids: ids, clock: clock), clock: clock, chance: { 0 }, log: log,
            meter: DeliveryMeter(MetricsRegistry()))
    }

    /// `channel state attempts trouble`, in order.
    func deliveries() async throws -> [String] {
        try await pool.query("SELECT concat_ws(' ', channel, state, attempts, trouble) FROM delivery ORDER BY pos") {
            row throws(PostgresError) in
            try row.value(at: 0)
        }
    }

    /// How many are under way, and how many are due.
    func busy() async throws -> (underWay: Int, due: Int) {
        let states: [String] = try await pool.query(
            "SELECT state FROM delivery WHERE state = 'sending' OR state = 'queued' AND due_at <= \(clock.now())"
        ) { row throws(PostgresError) in try row.value(at: 0) }
        return (states.count { $0 == "sending" }, states.count { $0 == "queued" })
    }

    /// Outcomes said on `deliveries.v1`.
    func settled() async throws -> [DeliverySettled] {
        let payloads: [[UInt8]] = try await pool.query("SELECT payload FROM outbox ORDER BY id") { row throws(PostgresError) in
            try row.value(at: 0)
        }
        return try payloads.map { try DeliverySettled.decode($0) }
    }

    /// Everything there is in the database, as text.
    func everything() async throws -> String {
        var all = ""
        for table in ["delivery", "told_event", "delivery_attempt", "outbox", "name"] {
            let rows: [String] = try await pool.query("SELECT t::text FROM \(identifier: table) t") { row throws(PostgresError) in
                try row.value(at: 0)
            }
            all += rows.joined(separator: "\n")
        }
        let payloads: [String] = try await pool.query(
            "SELECT convert_from(payload, 'UTF8') FROM told_event UNION SELECT convert_from(payload, 'UTF8') FROM outbox"
        ) {
            row throws(PostgresError) in try row.value(at: 0)
        }
        return all + payloads.joined()
    }
}
