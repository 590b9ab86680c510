internal import CCurl
internal import Synchronization
internal import Telemetry

/// Requests to other programs, over libcurl on one thread of its own. Redirects are never followed, proxies never used, bodies never
/// decompressed.
///
/// One client per ``AddressPolicy``: connections are kept and shared within a client, and a kept connection is not asked about again.
public final class HTTPClient: Sendable {
    public struct Configuration: Sendable {
        public var policy: AddressPolicy
        public var connectTimeout = Duration.seconds(5)
        public var connectionsPerHost = 64
        /// A PEM file of certificate authorities instead of the system's.
        public var certificateAuthorities: String?
        public init(_ policy: AddressPolicy) { self.policy = policy }
    }

    public struct Request: Sendable {
        public var method: String
        /// Absolute, `http` or `https`, visible ASCII only (percent-encode the rest).
        public var url: String
        public var headers: [(name: String, value: String)] = []
        public var body: [UInt8] = []
        /// For everything from name resolution to the last byte; `stream` has its own limit instead.
        public var timeout = Duration.seconds(20)
        /// An answer with a longer body is an error (`too-large`).
        public var largestAnswer = 1 << 20

        public init(_ method: String, _ url: String) {
            self.method = method
            self.url = url
        }
        public static func get(_ url: String) -> Request { Request("GET", url) }
        public static func post(_ url: String, _ body: [UInt8], type: String = "application/json") -> Request {
            var request = Request("POST", url)
            request.body = body
            request.headers = [("content-type", type)]
            return request
        }
    }

    public struct Response: Sendable {
        public let status: Int
        /// In the order received, names in lower case.
        public let headers: [(name: String, value: String)]
        /// Empty for a streamed answer.
        public let body: [UInt8]

        /// The first header of that name, any case.
        public func header(_ name: String) -> String? {
            let name = name.lowercased()
            return headers.first { $0.name == name }?.value
        }
    }

    private let engine: CurlEngine

    /// Starts the thread. Throws `transport` when the system gives none.
    public convenience init(_ policy: AddressPolicy) throws(HTTPClientError) { try self.init(Configuration(policy)) }

    public init(_ configuration: Configuration) throws(HTTPClientError) { engine = try CurlEngine(configuration) }

    deinit { engine.stop() }

    /// Sends and collects the whole answer. Throws ``HTTPClientError`` or `CancellationError`; a cancelled request is cut off at once.
    public func send(_ request: Request) async throws -> Response {
        let plan = try RequestPlan(request)
        let transfer = Transfer(.http(plan), limit: request.largestAnswer)
        let outcome = try await engine.run(transfer)
        return Response(status: outcome.status, headers: outcome.headers, body: outcome.body)
    }

    /// Sends and returns as soon as the head of the answer is there; the body follows through the stream.
    /// - Parameters:
    ///   - highWater: bytes kept for a slow reader before the sender is made to wait.
    ///   - idle: the stream fails when nothing arrives for about this long (measured with a grain of some seconds); `nil` for ever.
    public func stream(
        _ request: Request, highWater: Int = 65_536, idle: Duration? = .seconds(60)
    ) async throws -> (Response, ByteStream) {
        let body = StreamBuffer(highWater: highWater)
        let transfer = Transfer(.http(try RequestPlan(request)), limit: .max, stream: body, idle: idle)
        body.onRoom { [weak engine] in engine?.post(.resume(transfer)) }
        let head = try await engine.run(transfer)
        let response = Response(status: head.status, headers: head.headers, body: [])
        // The stream keeps the client: whoever reads need not hold both.
        return (response, ByteStream(body) { [self] in engine.post(.cancel(transfer)) })
    }

    /// Ends all transfers (they throw `closed`) and the thread.
    public func close() { engine.stop() }

    /// For the mail sender, which rides the same engine.
    func run(_ transfer: Transfer) async throws -> Transfer.Outcome { try await engine.run(transfer) }
}

/// A request that was looked at: nothing in it can break out of its place on the wire.
struct RequestPlan: Sendable {
    let method: String
    let url: String
    let headers: [String]
    let body: [UInt8]
    let timeout: Duration

    init(_ request: HTTPClient.Request) throws(HTTPClientError) {
        guard HeaderText.isToken(request.method), request.method == request.method.uppercased() else {
            throw HTTPClientError(.badRequest, "method")
        }
        let scheme = request.url.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https", request.url.utf8.count <= 8_192,
            request.url.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw HTTPClientError(.badRequest, "URL") }
        var lines = ["Expect:"]
        for (name, value) in request.headers {
            guard HeaderText.isToken(name), HeaderText.isValue(value) else {
                throw HTTPClientError(.badRequest, "header \(name.prefix(40))")
            }
            // curl drops a header that ends in a colon; a semicolon asks it for an empty value.
            lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        if let trace = TraceContext.current, !request.headers.contains(where: { $0.name.lowercased() == "traceparent" }) {
            lines.append("traceparent: \(trace.child().traceparent)")
        }
        (method, url, headers, body, timeout) = (request.method, request.url, lines, request.body, request.timeout)
    }
}

/// What may stand in a header of HTTP or mail.
enum HeaderText {
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 100
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte & 0xdf) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    /// No line break, NUL or other control character.
    static func isValue(_ text: String) -> Bool {
        text.utf8.count <= 8_192 && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }
}
