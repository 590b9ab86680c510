/// Status line's number; the reason phrase goes with it.
public struct HTTPStatus: Sendable, Hashable, ExpressibleByIntegerLiteral {
    public let code: Int
    public init(_ code: Int) { self.code = code }
    public init(integerLiteral value: Int) { code = value }

    public static let ok: HTTPStatus = 200
    public static let created: HTTPStatus = 201
    public static let accepted: HTTPStatus = 202
    public static let noContent: HTTPStatus = 204
    public static let seeOther: HTTPStatus = 303
    public static let serviceUnavailable: HTTPStatus = 503

    /// 204 and 304 end with their head.
    var hasBody: Bool { code != 204 && code != 304 }

    /// RFC 9110's phrase.
    public var reason: String {
        switch code {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status \(code)"
        }
    }
}

/// What a handler answers. The server adds framing, `Date`, `Connection` and `traceparent` itself, and refuses them here.
public struct HTTPResponse {
    public enum Body {
        case none
        case bytes([UInt8])
        /// Called once the head is sent; its end ends the body. Not called for HEAD.
        case stream((ResponseWriter) async throws -> Void)
        /// A `text/event-stream`; ends when the server drains, by cancellation.
        case events((EventStream) async throws -> Void)
    }

    public struct Header: Sendable, Hashable {
        public let name: String
        public let value: String
    }

    public var status: HTTPStatus
    /// In the order they are sent. Names and values are checked when sending: CR, LF and other control bytes make it a 500.
    public private(set) var headers: [Header] = []
    public var body: Body

    public init(status: HTTPStatus = .ok, headers: KeyValuePairs<String, String> = [:], body: Body = .none) {
        self.status = status
        self.body = body
        for (name, value) in headers { append(name, value) }
    }

    /// Adds one more header line.
    public mutating func append(_ name: String, _ value: String) { headers.append(Header(name: name, value: value)) }

    /// Replaces every line of that name.
    public mutating func set(_ name: String, _ value: String) {
        headers.removeAll { $0.name.utf8.equalsIgnoringCase(name.utf8) }
        append(name, value)
    }

    /// The same response with one more header line.
    public func with(_ name: String, _ value: String) -> HTTPResponse {
        var copy = self
        copy.append(name, value)
        return copy
    }

    /// The first value of that name.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.utf8.equalsIgnoringCase(name.utf8) }?.value
    }

    /// `content` with its media type.
    public static func bytes(_ content: [UInt8], type: String, status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": type], body: .bytes(content))
    }

    public static func text(_ text: String, status: HTTPStatus = .ok) -> HTTPResponse {
        .bytes(Array(text.utf8), type: "text/plain; charset=utf-8", status: status)
    }

    public static func html(_ markup: String, status: HTTPStatus = .ok) -> HTTPResponse {
        .bytes(Array(markup.utf8), type: "text/html; charset=utf-8", status: status)
    }

    public static func html(_ markup: [UInt8], status: HTTPStatus = .ok) -> HTTPResponse {
        .bytes(markup, type: "text/html; charset=utf-8", status: status)
    }

    public static var noContent: HTTPResponse { HTTPResponse(status: .noContent) }

    /// After a form: the browser fetches `location` with GET.
    public static func redirect(_ location: String, status: HTTPStatus = .seeOther) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Location": location])
    }

    /// A body written piece by piece, no faster than the client reads.
    public static func stream(
        type: String, status: HTTPStatus = .ok, _ write: @escaping (ResponseWriter) async throws -> Void
    ) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": type], body: .stream(write))
    }

    /// Server-sent events.
    public static func events(_ send: @escaping (EventStream) async throws -> Void) -> HTTPResponse {
        HTTPResponse(
            headers: [
                "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
            ], body: .events(send))
    }
}
