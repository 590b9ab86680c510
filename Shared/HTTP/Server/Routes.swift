/// Takes a request whose body was read in full (`request.body`), within the route's limit.
public typealias HTTPHandler = @Sendable (HTTPRequest) async throws -> HTTPResponse
/// Takes the body as it comes. Without reading it, the connection closes after the answer.
public typealias HTTPStreamingHandler = @Sendable (HTTPRequest, RequestBody) async throws -> HTTPResponse
/// Looks at a request before its body is read; throws to refuse it.
public typealias HTTPGuard = @Sendable (HTTPRequest) async throws -> Void

/// What the world may ask: method and path template to handler, one line each.
///
/// `{name}` in a template stands for one whole, non-empty segment; a literal segment wins over it. GET also answers
/// HEAD, and OPTIONS is answered from the table.
public struct Routes: Sendable {
    private(set) var all: [Route] = []

    public init() {}

    public mutating func get(_ path: String, limits: RouteLimits = .json, _ handler: @escaping HTTPHandler) {
        add(.get, path, limits, .buffered(handler))
    }
    public mutating func post(_ path: String, limits: RouteLimits = .json, _ handler: @escaping HTTPHandler) {
        add(.post, path, limits, .buffered(handler))
    }
    public mutating func put(_ path: String, limits: RouteLimits = .json, _ handler: @escaping HTTPHandler) {
        add(.put, path, limits, .buffered(handler))
    }
    public mutating func patch(_ path: String, limits: RouteLimits = .json, _ handler: @escaping HTTPHandler) {
        add(.patch, path, limits, .buffered(handler))
    }
    public mutating func delete(_ path: String, limits: RouteLimits = .json, _ handler: @escaping HTTPHandler) {
        add(.delete, path, limits, .buffered(handler))
    }
    /// A route that reads its body piece by piece: uploads.
    public mutating func streaming(
        _ method: HTTPMethod, _ path: String, limits: RouteLimits, _ handler: @escaping HTTPStreamingHandler
    ) {
        add(method, path, limits, .streaming(handler))
    }

    /// Takes over every route of `other`.
    public mutating func add(contentsOf other: Routes) { all += other.all }

    /// The same routes, each behind `check`, which runs before the body is read: sign-in, rates.
    public func guarded(by check: @escaping HTTPGuard) -> Routes {
        var copy = self
        for place in copy.all.indices { copy.all[place].guards.insert(check, at: 0) }
        return copy
    }

    /// The same routes as pages. People's apps add to an address what they please (`?from=singlemessage`): a page takes of its
    /// query what it knows, the first value of each, and ignores the rest, be it malformed.
    public func asPages() -> Routes {
        var copy = self
        for place in copy.all.indices { copy.all[place].isPage = true }
        return copy
    }

    /// `GET /v1/tickets/{id}`, one line a route, in the order added.
    public func describe() -> [String] { all.map { "\($0.method.rawValue) \($0.template)" } }

    private mutating func add(_ method: HTTPMethod, _ path: String, _ limits: RouteLimits, _ action: Route.Action) {
        all.append(Route(method: method, template: path, limits: limits, action: action))
    }
}

struct Route: Sendable {
    enum Action: Sendable {
        case buffered(HTTPHandler)
        case streaming(HTTPStreamingHandler)
    }

    let method: HTTPMethod
    let template: String
    let limits: RouteLimits
    let action: Action
    var guards: [HTTPGuard] = []
    var isPage = false
    let segments: [Substring]
    let parameters: [String]

    init(method: HTTPMethod, template: String, limits: RouteLimits, action: Action) {
        self.method = method
        self.template = template
        self.limits = limits
        self.action = action
        segments = template.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        parameters = segments.compactMap(Self.parameter)
    }

    static func parameter(_ segment: Substring) -> String? {
        segment.hasPrefix("{") && segment.hasSuffix("}") && segment.count > 2 ? String(segment.dropFirst().dropLast()) : nil
    }

    var isWellFormed: Bool {
        template.hasPrefix("/") && Set(parameters).count == parameters.count
            && segments.allSatisfy { Self.parameter($0) != nil || !$0.contains { "{}%?#".contains($0) } }
    }
}
