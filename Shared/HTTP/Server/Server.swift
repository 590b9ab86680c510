public import EventLoop
import Glibc
import Synchronization
public import Telemetry

/// An HTTP/1.1 server on an event loop: strict in what it reads, one task per connection, every wait with a deadline.
///
/// It stands behind a gateway on a private address: no TLS, no HTTP/2, no compression, no ranges.
/// Handlers run on the loop's thread; one that blocks stops everything on it.
public final class HTTPServer: @unchecked Sendable {
    public let configuration: HTTPServerConfiguration
    let router: Router
    let loop: EventLoop
    let log: Log
    private let metrics: ServerMetrics
    private let draining = Atomic<Bool>(false)

    // Below: the loop's thread only.
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    var dateLine = DateLine()
    let bodies: BodyAdmission
    var listeners: [Listener] = []
    private(set) var connections: [ObjectIdentifier: Connection] = [:]
    private var waitingForPlace: [UnsafeContinuation<Void, Never>] = []
    private var pinger: Task<Void, Never>?

    /// Throws `route` when two routes are the same or a template is malformed.
    public init(
        _ configuration: HTTPServerConfiguration, routes: Routes, on loop: EventLoop, log: Log, metrics: MetricsRegistry? = nil
    ) throws(HTTPServerError) {
        self.configuration = configuration
        self.loop = loop
        self.log = log.part("http")
        router = try Router(routes)
        bodies = BodyAdmission(configuration, metrics)
        self.metrics = ServerMetrics(metrics, server: configuration.name)
    }

    deinit { readBuffer.deallocate() }

    /// Whether `drain` has begun: readiness must say no.
    public var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Listens on every host of the configuration; returns the port. Throws `listen` when an address cannot be had.
    @discardableResult
    public func start() async throws -> Int {
        try await Task(executorPreference: loop) { try self.listen() }.value
    }

    /// Ends without a failed request: `notice` with everything still served but `Connection: close` said, so that the
    /// gateway turns away; then nobody new, event streams ended, and `grace` for what runs; then all is cut.
    /// Safe to call from a cancelled task. Returns when the last connection is closed.
    public func drain(notice: Duration, grace: Duration) async {
        draining.store(true, ordering: .relaxed)
        await Task(executorPreference: loop) { await self.end(notice: notice, grace: grace) }.value
    }

    // MARK: the loop's thread

    private func listen() throws(HTTPServerError) -> Int {
        listeners = try Listener.open(configuration, on: loop)
        for listener in listeners {
            nonisolated(unsafe) let listener = listener
            Task(executorPreference: loop) { await self.accept(from: listener) }
        }
        pinger = Task(executorPreference: loop) { await self.pingQuietStreams() }
        return listeners.first?.port ?? configuration.port
    }

    private func end(notice: Duration, grace: Duration) async {
        try? await loop.sleep(for: notice)
        for listener in listeners { stop(listener) }
        listeners = []
        for connection in connections.values {
            switch connection.phase {
            // A request that just arrived is still answered.
            case .idle: if !Socket.hasInput(connection.watch.fd) { connection.watch.close() }
            case .events: connection.task?.cancel()
            case .reading, .handling, .closing: break
            }
        }
        await empty(by: .now + grace)
        pinger?.cancel()
        for connection in connections.values {
            connection.task?.cancel()
            connection.watch.close()
        }
        await empty(by: .now + .seconds(1))
        if !connections.isEmpty {
            log.error("handlers ignore cancellation", ["count": .int(connections.count)])
        }
    }

    private func empty(by deadline: ContinuousClock.Instant) async {
        while !connections.isEmpty, ContinuousClock.now < deadline { try? await loop.sleep(for: .milliseconds(5)) }
    }

    func serve(_ watch: Watch, peer: String) {
        nonisolated(unsafe) let connection = Connection(server: self, watch: watch, peer: peer)
        connections[ObjectIdentifier(connection)] = connection
        metrics.connections(connections.count)
        connection.task = Task(executorPreference: loop) { await connection.run() }
    }

    func ended(_ connection: Connection) {
        connection.watch.close()
        connection.task = nil
        connections[ObjectIdentifier(connection)] = nil
        metrics.connections(connections.count)
        if !waitingForPlace.isEmpty { waitingForPlace.removeFirst().resume() }
    }

    /// Suspends while `maxConnections` are served.
    func waitForPlace() async {
        while connections.count >= configuration.maxConnections, !listeners.isEmpty {
            await withUnsafeContinuation { waitingForPlace.append($0) }
        }
    }

    /// Nothing of the backlog is lost: the kernel would reset what was not accepted.
    private func stop(_ listener: Listener) {
        while let (watch, peer) = listener.next(loop) { serve(watch, peer: peer) }
        listener.watch.close()
        for waiting in waitingForPlace { waiting.resume() }
        waitingForPlace = []
    }

    private func pingQuietStreams() async {
        let interval = max(.milliseconds(10), min(.seconds(1), configuration.deadlines.ping / 4))
        while (try? await loop.sleep(for: interval)) != nil {
            let now = ContinuousClock.now
            for connection in connections.values where connection.phase == .events { connection.ping(now) }
        }
    }

    func finish(_ record: ExchangeRecord) {
        let elapsed = ContinuousClock.now - record.began
        let route = record.route.map { router.routes[$0].template } ?? ServerMetrics.unmatched
        metrics.observe(record.method, route, record.status, elapsed)
        guard configuration.logsRequests, !configuration.unloggedRoutes.contains(route) else { return }
        let microseconds = Double(elapsed / .microseconds(1))
        log.info(
            "request",
            [
                "method": .string(record.method?.rawValue ?? "-"), "route": .string(route), "status": .int(record.status),
                "ms": .double(microseconds.rounded() / 1000), "bytes": .int(record.bytes),
                "trace": .string(record.trace.traceIDText),
            ])
    }
}
