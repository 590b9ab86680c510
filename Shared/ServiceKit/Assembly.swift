public import Contracts
import Crypto
public import EventLog
public import EventLoop
import HTTP
public import Kafka
public import Postgres
public import Telemetry

/// Puts a service together: each call adds a running part with its readiness and metrics. Parts start in the order in which
/// they are added and stop backwards: first the door closes, then the consumers leave, then the outbox is flushed.
public struct Assembly: Sendable {
    /// What is put together: a service that runs, or the same only to see whether it could.
    public enum Purpose: Sendable { case serve, check }

    public let name: String
    public let purpose: Purpose
    public let configuration: Configuration
    public let loop: EventLoop
    public let log: Log
    public let metrics = MetricsRegistry()
    public let health = Health()
    public let clock: any Timekeeper
    public let ids: UUIDv7Generator
    /// The service's database.
    public let postgres: PostgresPool
    /// Where events leave.
    public let outbox: Outbox
    public let staff: StaffDirectory
    public let site: Site
    let streamHash: StreamHash
    let serviceToken: String
    private let sequencing: Signal
    private var parts: [Part] = []
    /// What this service's consumer parks.
    private(set) var parked: ParkedSubjects?
    private(set) var projections: [Projection] = []

    public init(
        name: String, configuration: Configuration, loop: EventLoop, log: Log, clock: (any Timekeeper)? = nil,
        purpose: Purpose = .serve
    ) throws {
        self.name = name
        self.purpose = purpose
        self.configuration = configuration
        self.loop = loop
        self.log = log
        if let order = configuration.text("SHAO_CRASH_AT"), CrashPoint.order(order) == nil {
            throw ConfigurationError(problems: ["SHAO_CRASH_AT: “\(order)” names no crash point and passing, as sequencer.after-window:1"])
        }
        let clock = clock ?? SystemTimekeeper(loop: loop)
        self.clock = clock
        ids = UUIDv7Generator(now: { clock.now() }, random: { SystemRandom.bytes($0) })
        postgres = PostgresPool(
            try configuration.postgres(name, poolSize: try configuration.number("SHAO_POSTGRES_POOL", in: 2...200)),
            on: loop, log: log.part("postgres"), metrics: metrics)
        let eventKey = HMACKey(Array(try configuration.require("SHAO_EVENT_KEY").utf8))
        streamHash = StreamHash(key: eventKey)
        serviceToken = eventKey.serviceToken
        staff = try Self.staff(configuration, metrics)
        site = Site(
            publicURL: try configuration.require("SHAO_PUBLIC_URL"), name: try configuration.require("SHAO_STREET_NAME"), clock: clock)
        let sequencing = Signal(on: loop)
        self.sequencing = sequencing
        outbox = Outbox(ids: ids, clock: clock) { sequencing.raise() }
        addPool(postgres, "postgres")
        ProcessMetrics.collect(into: metrics)
    }

    /// What `check` looks for beyond what ends `serve`: settings that serve takes and would never use, each in a sentence.
    public typealias Examination = @Sendable (PostgresPool) async throws -> [String]
    private(set) var examinations: [Examination] = []

    /// What must be read before anything runs: the service's own pool does not run yet.
    public func withDatabase<Value: Sendable>(_ body: (PostgresPool) async throws -> Value) async throws -> Value {
        try await Database.with(configuration, name, log, body)
    }

    /// Adds something that `check` looks at, once the database is up to date.
    public mutating func examine(_ look: @escaping Examination) { examinations.append(look) }

    /// Adds a part of the service's own.
    public mutating func add(_ part: Part) { parts.append(part) }

    /// Adds a background task that ends by cancellation.
    public mutating func add(_ name: String, _ run: @escaping @Sendable () async throws -> Void) {
        parts.append(.task(name, run))
    }

    /// The way from the outbox to Kafka.
    /// - Parameter topics: made again, beside the internal topics of this service, when the broker has lost them.
    public mutating func relay(keeping topics: [Topic] = []) throws {
        var database = try configuration.postgres(name + "-relay", poolSize: 4)
        // A generic plan for the window's `xid >= $1` would read the whole outbox. The one-row tables have no other
        // way than a sequential scan; what that costs then on paper would have each statement compiled by LLVM.
        // Nor are there workers for a window of twenty rows.
        database.settings = [("enable_seqscan", "off"), ("jit", "off"), ("max_parallel_workers_per_gather", "0")]
        let pool = PostgresPool(database, on: loop, log: log.part("relay"), metrics: nil)
        addPool(pool, "relay-pool")
        let kafka = kafkaConfiguration
        let (loop, log, metrics) = (self.loop, self.log, self.metrics)
        let source = "/street/\(try configuration.require("SHAO_STREET"))/\(name)"
        if purpose == .check { try tryProducer() }
        let own = Topics.internal.filter { $0.owner.rawValue == name } + topics
        let publisher = Publisher(
            store: PostgresPublisherStore(pool: pool), keeping: own, pace: LoopPace(loop), clock: clock,
            log: log.part("publisher"), metrics: metrics
        ) { try KafkaRecordSink(kafka, source: source, on: loop, log: log.part("kafka"), metrics: metrics) }
        let sequencer = Sequencer(
            store: PostgresSequencerStore(pool: pool), hash: streamHash, wakeUp: sequencing, pace: LoopPace(loop),
            log: log.part("sequencer"), metrics: metrics
        ) { publisher.accept($0) }
        health.note("publisher") { publisher.remark }
        parts.append(flushing("publisher", { publisher.isCaughtUp }) { try await publisher.run() })
        parts.append(.task("publisher-report") { try await publisher.report() })
        parts.append(.task("sequencer") { try await sequencer.run() })
        let keeper = LogKeeper(
            pool: postgres, archive: archive, hash: streamHash,
            keeping: .seconds(86_400 * (try configuration.number("SHAO_ARCHIVE_KEEP_DAYS", in: 0...36_500))), pace: LoopPace(loop),
            clock: clock, log: log.part("archive"), metrics: metrics)
        health.add("partitions") { keeper.trouble }
        parts.append(.task("partitions") { try await keeper.run() })
    }

    /// Where closed ranges of this service's streams go.
    var archive: ArchiveFolder? { configuration.text("SHAO_ARCHIVE_DIR").map { ArchiveFolder("\($0)/\(name)") } }

    /// Listens to other services' topics: for its projections, which may be rebuilt, and for what else it does upon events.
    public mutating func consume(_ projections: [Projection], _ more: [Subscription] = []) throws {
        self.projections = projections
        try consume(Subscriptions(projections, more))
    }

    /// Listens to other services' topics, and proves to itself every few seconds that it has heard all of them.
    public mutating func consume(_ subscriptions: Subscriptions) throws {
        try requireReader(of: subscriptions.topics)
        let feed = try feed(group: "shao-\(name)") { subscriptions.topics.map(\.name) }
        let remote = RemoteStreams(client: try HTTPClient(.unrestricted), owners: owners, token: serviceToken)
        let (pace, clock) = (LoopPace(loop), self.clock)
        let stream = StreamConsumer(
            feed: feed, store: PostgresConsumerStore(pool: postgres, subscriptions: subscriptions), owners: remote,
            topics: subscriptions.topics, hash: streamHash, pace: pace,
            clock: clock, ceiling: try configuration.number("SHAO_PARKED_CEILING", in: 1...100_000), log: log.part("consumer"),
            metrics: metrics)
        let parked = ParkedSubjects(pool: postgres, subscriptions: subscriptions, metrics: metrics)
        let auditor = Auditor(
            name, consumer: stream, judge: remote, pace: pace, log: log.part("audit"), metrics: metrics,
            now: { Double(clock.now().milliseconds) / 1000 })
        self.parked = parked
        health.add("consumer") { stream.trouble }
        health.note("consumer") { stream.remark }
        health.note("parked") { parked.remark }
        parts.append(Part("consumer", run: { try await stream.run() }, stop: { await feed.close() }))
        parts.append(.task("audit") { await auditor.run { try await parked.recount() } })
    }

    /// Takes records from topics that others write. What is answered makes it listen anew, when `topics` says others than before.
    @discardableResult
    public mutating func consumeForeign(
        _ topics: @escaping @Sendable () -> [String], handle: @escaping ForeignConsumer.Handler
    ) throws -> @Sendable () async -> Void {
        let group = "shao-\(name)-feedback"
        let feed = try feed(group: group, topics)
        let foreign = ForeignConsumer(
            feed: feed, group: group, pool: postgres, outbox: outbox, pace: LoopPace(loop), log: log.part("feedback"),
            metrics: metrics, handle: handle)
        health.add("feedback") { foreign.trouble }
        health.note("feedback") { foreign.remark }
        parts.append(Part("feedback", run: { try await foreign.run() }, stop: { await feed.close() }))
        return { await feed.renew() }
    }

    /// On a broker with sign-in a service is given what the contracts say of it (`Topics.rights`): what it reads must stand there.
    private func requireReader(of topics: [Topic]) throws {
        for topic in topics where !topic.readers.contains(where: { $0.rawValue == name }) {
            throw ConfigurationError(problems: ["the contracts do not name \(name) among the readers of \(topic.name)"])
        }
    }

    /// Throws what the running relay would meet when it makes its client.
    private func tryProducer() throws {
        _ = try KafkaProducer(kafkaConfiguration, on: loop, log: Log("kafka", level: .error), metrics: nil)
    }

    private func feed(group: String, _ topics: @escaping @Sendable () -> [String]) throws -> KafkaRecordFeed {
        let (configuration, loop, log, metrics) = (consumerConfiguration, self.loop, log.part("kafka"), self.metrics)
        return try KafkaRecordFeed { () throws(KafkaError) in
            try KafkaConsumer(configuration, group: group, topics: topics(), on: loop, log: log, metrics: metrics)
        }
    }

    /// Residents' private links. Throws when this service was not given their key.
    public var links: PrivateLinks {
        get throws { PrivateLinks(key: HMACKey(Array(try configuration.require("SHAO_LINK_KEY").utf8))) }
    }

    /// librdkafka's settings: the bootstrap servers and whatever `SHAO_KAFKA_*` names.
    public var kafkaConfiguration: KafkaConfiguration {
        var kafka = KafkaConfiguration(bootstrapServers: configuration.text("KAFKA_BOOTSTRAP_SERVERS") ?? "127.0.0.1:29092")
        kafka["client.id"] = "shao-\(name)"
        for (property, value) in configuration.kafkaProperties { kafka[property] = value }
        // A check must not join the running service's group: a client that knows no broker judges its properties all the same.
        if purpose == .check { kafka["bootstrap.servers"] = nil }
        return kafka
    }

    /// Where a new group begins is no matter of safety: what lies before is filled from the owner's stream.
    private var consumerConfiguration: KafkaConfiguration {
        var kafka = kafkaConfiguration
        if kafka["auto.offset.reset"] == nil { kafka["auto.offset.reset"] = "earliest" }
        return kafka
    }

    /// Whether a request carries the services' shared token; for routes on the admin port that serve other services.
    public var serviceGuard: ServiceGuard { ServiceGuard(token: serviceToken) }

    /// The bearer token with which this service asks the others.
    public var bearer: String { "Bearer \(serviceToken)" }

    /// Runs all parts until `stopping` is raised or one ends by itself, and stops them backwards. Throws that one's error.
    public func run(until stopping: Signal) async throws {
        try await ServiceGroup(finished(), on: loop, log: log).run(until: stopping)
    }

    func finished() -> [Part] { parts }

    var owners: [String: String] {
        var owners: [String: String] = [:]
        for topic in Topics.internal {
            owners[topic.name] = configuration.text("SHAO_\(topic.owner.rawValue.uppercased())_URL")
        }
        return owners
    }

    private mutating func addPool(_ pool: PostgresPool, _ name: String) {
        health.add(name) { await pool.trouble() }
        parts.append(Part(name, run: { await pool.run() }, stop: { await pool.close() }))
    }

    /// A part that, when stopped, first waits until its work is done, for at most ten seconds.
    private func flushing(
        _ name: String, _ isDone: @escaping @Sendable () -> Bool, _ run: @escaping @Sendable () async throws -> Void
    ) -> Part {
        let loop = loop
        let ended = Signal(on: loop)
        return Part(
            name,
            run: {
                let work = Task(executorPreference: loop) { try await run() }
                _ = try? await ended.wait()
                work.cancel()
                try await work.value
            },
            stop: {
                let deadline = ContinuousClock.now + .seconds(10)
                while !isDone(), ContinuousClock.now < deadline { try? await loop.sleep(for: .milliseconds(20)) }
                ended.raise()
            })
    }
}
