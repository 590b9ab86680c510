/// How one server listens, and how long it puts up with anybody.
public struct HTTPServerConfiguration: Sendable {
    /// Names the server in logs, e.g. `routing`.
    public var name: String
    /// Addresses to listen on. `localhost` stands for 127.0.0.1 and, where the machine has it, ::1.
    public var hosts: [String]
    /// 0 takes any free port.
    public var port: Int
    /// Connections served at once; more wait unaccepted in the kernel's backlog.
    public var maxConnections: Int
    public var deadlines: Deadlines
    /// Proxies of ours that a request passes, the gateway among them: the client is that many entries from the end of
    /// `X-Forwarded-For`. Believed only from this machine and private networks. 0: the client is the peer.
    public var forwardedHops = 1
    /// Bytes that bodies may hold at a time, all connections together. Beyond it 503, before a body is read where its head says
    /// how long it is. While pieces are put together the process may weigh twice as much.
    public var bodyMemory = 256 << 20
    /// Bodies that may be on their way from one client at a time; one more is 429.
    public var bodiesPerClient = 64
    /// One line a request at level info.
    public var logsRequests = true
    /// Templates of routes that are asked all the time and are worth no line.
    public var unloggedRoutes: Set<String> = []
    /// Turns a problem into a page for clients that accept `text/html`; nil answers problem+json to everybody.
    public var problemPage: (@Sendable (ProblemReport) -> HTTPResponse?)?
    /// What a handler's error means to its client when it is no fault of the handler's and may pass; nil is 500.
    public var passing: (@Sendable (any Error) -> Problem?)?

    public init(
        name: String, host: String = "localhost", port: Int, deadlines: Deadlines = Deadlines(), maxConnections: Int = 4096
    ) {
        self.name = name
        self.hosts = [host]
        self.port = port
        self.deadlines = deadlines
        self.maxConnections = maxConnections
    }

    /// Every wait for the other side ends. Time the handler takes counts nowhere.
    public struct Deadlines: Sendable {
        /// From the first byte of a head to its last.
        public var head: Duration = .seconds(10)
        /// What `HTTPRequest.deadline` says; nobody enforces it.
        public var answer: Duration = .seconds(30)
        /// Between requests; longer than the gateway keeps its connections, so that it closes them, not we.
        public var idle: Duration = .seconds(180)
        /// A body may take this long, and a second more for every `rate` bytes it has brought; no silence may be longer.
        public var body: Duration = .seconds(10)
        /// The same for the client that reads an answer; then the connection is reset.
        public var write: Duration = .seconds(10)
        /// The least bytes a second, in both directions.
        public var rate = 8192
        /// After a refusal: how long what the client still sends is read and dropped, so that it sees the answer.
        public var linger: Duration = .seconds(5)
        /// An event stream that says nothing for this long says a comment.
        public var ping: Duration = .seconds(15)

        public init() {}

        /// How long to wait now, after `bytes` went over and `waited` was spent waiting for the other side. A fast
        /// beginning earns no long silence: one wait is never longer than `grace`.
        func budget(_ grace: Duration, bytes: Int, waited: Duration) -> Duration {
            min(grace, grace + .seconds(bytes / max(rate, 1)) - waited)
        }
    }
}

/// What a route takes. Refused before the body is read, where the head says how long it is.
public struct RouteLimits: Sendable, Hashable {
    /// Bytes of body, the transfer coding taken off.
    public var body: Int

    public init(body: Int) { self.body = body }

    /// 64 KiB: documents and forms.
    public static let json = RouteLimits(body: 65_536)
    /// 12 MiB: photos.
    public static let upload = RouteLimits(body: 12 << 20)
}

/// What the server library itself refuses or meets, as opposed to a `Problem`, which is an answer.
public struct HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Open set.
    public struct Code: Sendable, Hashable {
        public let name: String
        /// A header's name or value may not go on the wire.
        public static let invalidHeader = Code(name: "invalid-header")
        /// An event's id or name may not go on the wire.
        public static let invalidEvent = Code(name: "invalid-event")
        /// The client is gone, or was cut off.
        public static let connectionLost = Code(name: "connection-lost")
        /// An address cannot be listened on.
        public static let listen = Code(name: "listen")
        /// Two routes are the same, or a template is malformed.
        public static let route = Code(name: "route")
    }

    public let code: Code
    public let detail: String

    init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(code.name): \(detail)" }
}
