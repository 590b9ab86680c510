public import Telemetry

/// One request, its head checked and its target decoded. Not Sendable: it stays in the task that serves it.
public struct HTTPRequest {
    let head: RequestHead
    let target: Target
    let captures: [String]
    let route: Route

    /// The body, for handlers that do not stream; at most the route's limit.
    public internal(set) var body: [UInt8] = []
    /// The client: behind the gateway what the gateway says, else the peer of the connection. A numeric address.
    public let remoteAddress: String
    /// This hop; `TraceContext.current` while the handler runs.
    public let trace: TraceContext
    /// When nobody will want the answer any more: pass it on to what the handler waits for.
    public let deadline: ContinuousClock.Instant

    public var method: HTTPMethod { head.method }
    /// As sent, without the query: percent-encoded ASCII.
    public var path: String { target.rawPath }
    /// The template that matched, e.g. `/v1/tickets/{id}`.
    public var routeTemplate: String { route.template }

    /// Bytes that the body may have at this route.
    public var bodyLimit: Int { route.limits.body }

    /// The decoded segment that stood for `{name}`. Throws 404 when the template has no such parameter.
    public func pathParameter(_ name: String) throws(Problem) -> String {
        guard let place = route.parameters.firstIndex(of: name), captures.indices.contains(place) else { throw .notFound() }
        return captures[place]
    }

    /// The segment as `T`; 404 when `convert` makes nothing of it.
    public func pathParameter<T>(_ name: String, _ convert: (String) -> T?) throws(Problem) -> T {
        guard let value = convert(try pathParameter(name)) else { throw .notFound() }
        return value
    }

    /// All query parameters, decoded.
    public var queryParameters: Parameters { target.query }

    /// The one value of a query parameter, nil when it is absent; 400 when it is there twice. A page takes the first.
    public func query(_ name: String) throws(Problem) -> String? {
        route.isPage ? target.query.all(name).first : try target.query.one(name)
    }

    /// The value as `T`, nil when absent; 400 when `convert` makes nothing of it, which a page ignores.
    public func query<T>(_ name: String, _ convert: (String) -> T?) throws(Problem) -> T? {
        route.isPage ? target.query.all(name).first.flatMap(convert) : try target.query.one(name, convert)
    }

    /// The header's value; several lines of one name are joined by ", " as RFC 9110 says. Bytes that are no UTF-8 are repaired.
    public func header(_ name: String) -> String? {
        let values = head.values(of: name)
        if values.count > 1 { return values.map(\.repairedText).joined(separator: ", ") }
        return values.first?.repairedText
    }

    /// Every line of that name, for headers that are no lists.
    public func headers(_ name: String) -> [String] { head.values(of: name).map(\.repairedText) }

    /// Type and subtype in lower case, without parameters.
    public var contentType: String? {
        head.values(of: "content-type").first.map { MediaType($0).essence }
    }

    /// What can be read of a form that `form()` refuses, to show it again.
    public var legibleForm: Parameters { Parameters(legible: body[...]).withPlainLineBreaks }

    /// The body as a form, line breaks as one character; 415 unless it says `application/x-www-form-urlencoded`, 400 when it is malformed.
    public func form() throws(Problem) -> Parameters {
        guard contentType == "application/x-www-form-urlencoded" else {
            throw .unsupportedMediaType("application/x-www-form-urlencoded")
        }
        do { return try Parameters(encoded: body[...]).withPlainLineBreaks } catch { throw Problem(error) }
    }
}

extension Parameters {
    /// Browsers send a line break as two characters and count it as one.
    var withPlainLineBreaks: Parameters {
        var copy = self
        copy.pairs = pairs.map { Pair(name: $0.name, value: $0.value.withPlainLineBreaks) }
        return copy
    }

    /// The one value of `name`, nil when absent; throws 400 `duplicate-parameter` when it is there twice.
    public func one(_ name: String) throws(Problem) -> String? {
        let values = all(name)
        guard values.count < 2 else {
            throw Problem(
                400, "duplicate-parameter", detail: "a parameter may be given once", errors: [.init(pointer: "?\(name)", code: "duplicate")]
            )
        }
        return values.first
    }

    /// The value as `T`, nil when absent; throws 400 `bad-parameters` when `convert` makes nothing of it.
    public func one<T>(_ name: String, _ convert: (String) -> T?) throws(Problem) -> T? {
        guard let text = try one(name) else { return nil }
        guard let value = convert(text) else {
            throw Problem(
                400, "bad-parameters", detail: "a parameter has no valid value", errors: [.init(pointer: "?\(name)", code: "invalid")])
        }
        return value
    }
}
