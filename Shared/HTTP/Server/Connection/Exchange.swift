import EventLoop
import Telemetry

/// What is said of one request when it is over: its log line and its metrics.
struct ExchangeRecord {
    let began = ContinuousClock.now
    let trace: TraceContext
    let method: HTTPMethod?
    var route: Int?
    var status = 0
    /// Of the answer's body.
    var bytes = 0

    init(_ head: RequestHead?) {
        method = head?.method
        let sent = head?.values(of: "traceparent") ?? []
        let parent = sent.count == 1 ? sent.first.flatMap { TraceContext(traceparent: $0.repairedText) } : nil
        trace = parent?.child() ?? .root()
    }
}

extension Connection {
    /// Serves one request; whether the connection lives on.
    func exchange(_ head: RequestHead) async throws(ConnectionEnd) -> Bool {
        var record = ExchangeRecord(head)
        number += 1
        phase = .handling
        let closes = try await serve(head, &record)
        if closes {
            await linger()
            return false
        }
        return true
    }

    /// Whether the connection ends with this answer.
    private func serve(_ head: RequestHead, _ record: inout ExchangeRecord) async throws(ConnectionEnd) -> Bool {
        defer { server.finish(record) }
        let body = RequestBody(self, head)
        var response: HTTPResponse
        // What the handler made of the body lives as long as its answer.
        defer { body.release() }
        do throws(ConnectionEnd) { response = try await answer(head, body, &record) } catch {
            guard case .refused(let refusal) = error else { throw error }
            response = report(Problem(refusal), head, record)
        }
        // Cancellation is for good: the next request would run cancelled.
        let closes = !head.keepsAlive || server.isDraining || !body.isDone || Task.isCancelled
        try await respond(response, to: head, closes: closes, &record)
        return closes || !body.isDone || Task.isCancelled
    }

    /// Answers what could not be read as a request.
    func refuse(_ refusal: Refusal) async {
        var record = ExchangeRecord(nil)
        phase = .handling
        do throws(ConnectionEnd) {
            try await sendRefusal(refusal, &record)
            await linger()
        } catch {
            if case .stalled = error, watch.fd >= 0 { Socket.resetOnClose(watch.fd) }
        }
    }

    private func sendRefusal(_ refusal: Refusal, _ record: inout ExchangeRecord) async throws(ConnectionEnd) {
        defer { server.finish(record) }
        try await respond(report(Problem(refusal), nil, record), to: nil, closes: true, &record)
    }

    private func answer(
        _ head: RequestHead, _ body: RequestBody, _ record: inout ExchangeRecord
    ) async throws(ConnectionEnd) -> HTTPResponse {
        if head.target.first == 0x2A { return allow(server.router.methods, status: .noContent) }
        let target: Target
        do throws(Refusal) { target = try Target(head.target) } catch { throw .refused(error) }
        let match = server.router.find(head.method, target.segments)
        if let refusal = target.queryRefusal, !server.router.isPage(match) { throw .refused(refusal) }
        switch match {
        case .missing: return report(.notFound(), head, record)
        case .notAllowed(let methods):
            if head.method == .options { return allow(methods, status: .noContent) }
            let allowed = methods.map(\.rawValue).joined(separator: ", ")
            return report(Problem(405, "method-not-allowed").with("Allow", allowed), head, record)
        case .found(let index, let captures):
            let route = server.router.routes[index]
            record.route = index
            body.limit = route.limits.body
            if case .length(let count) = head.framing, count > route.limits.body {
                throw .refused(.bodyTooLarge(limit: route.limits.body))
            }
            let request = HTTPRequest(
                head: head, target: target, captures: captures, route: route, remoteAddress: client(head),
                trace: record.trace, deadline: record.began + server.configuration.deadlines.answer)
            return try await serve(request, body, record)
        }
    }

    private func serve(
        _ request: HTTPRequest, _ body: RequestBody, _ record: ExchangeRecord
    ) async throws(ConnectionEnd) -> HTTPResponse {
        do {
            return try await TraceContext.$current.withValue(request.trace) {
                var request = request
                if body.isDone { cancelIfGone() }
                for check in request.route.guards { try await check(request) }
                try body.admit(request.clientBlock)
                switch request.route.action {
                case .streaming(let handler): return try await handler(request, body)
                case .buffered(let handler):
                    if !body.isDone {
                        request.body = try await body.collect()
                        cancelIfGone()
                    }
                    return try await handler(request)
                }
            }
        } catch {
            if let failure = body.failure { throw failure }
            if let problem = error as? Problem { return report(problem, request.head, record) }
            // Whatever a cancelled handler throws, it is for its client's going away.
            if error is CancellationError || Task.isCancelled { return report(.unavailable("cancelled"), request.head, record) }
            let fields: KeyValuePairs<String, LogValue> = [
                "route": .string(request.routeTemplate), "error": .string(String(reflecting: type(of: error))),
                "trace": .string(request.trace.traceIDText),
            ]
            if let problem = server.configuration.passing?(error) {
                server.log.warning("a handler cannot do its work just now", fields)
                return report(problem, request.head, record)
            }
            server.log.error("a handler failed", fields)
            return report(Problem(500, "internal"), request.head, record)
        }
    }

    private func client(_ head: RequestHead) -> String {
        ForwardedFor.client(head.values(of: "x-forwarded-for"), peer: peer, hops: server.configuration.forwardedHops)
    }

    private func allow(_ methods: [HTTPMethod], status: HTTPStatus) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Allow": methods.map(\.rawValue).joined(separator: ", ")])
    }

    /// The problem as this client wants it: a page where there is one and it is asked for, else problem+json.
    func report(_ problem: Problem, _ head: RequestHead?, _ record: ExchangeRecord) -> HTTPResponse {
        let report = ProblemReport(problem, head, traceID: record.trace.traceIDText)
        let accept = head?.values(of: "accept").first?.repairedText ?? ""
        if accept.contains("text/html"), let page = server.configuration.problemPage?(report) { return page }
        return report.response()
    }
}
