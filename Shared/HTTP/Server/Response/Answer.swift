import Telemetry

extension Connection {
    /// Writes a response, framed as the request allows.
    func respond(
        _ response: HTTPResponse, to head: RequestHead?, closes: Bool, _ record: inout ExchangeRecord
    ) async throws(ConnectionEnd) {
        var response = response
        var framing = framing(of: response, for: head)
        var start: [UInt8]
        do { start = try encoded(response, framing, closes, record) } catch {
            server.log.error(
                "a response cannot be sent", ["error": .string("\(error)"), "trace": .string(record.trace.traceIDText)])
            response = report(Problem(500, "internal"), head, record)
            framing = self.framing(of: response, for: head)
            start = (try? encoded(response, framing, closes, record)) ?? []
        }
        record.status = response.status.code
        let sendsBody = head?.method != .head && response.status.hasBody
        switch response.body {
        case .bytes(let bytes) where sendsBody:
            record.bytes = bytes.count
            if bytes.count <= Self.joinLimit {
                start += bytes
                try await send(start)
            } else {
                try await send(start, bytes)
            }
        case .stream(let write) where sendsBody:
            try await send(start)
            try await stream(framing, &record) { writer in try await write(writer) }
        case .events(let write) where sendsBody:
            try await send(start)
            phase = .events
            try await stream(framing, &record) { writer in
                let events = EventStream(writer)
                try await events.open()
                try await write(events)
            }
        default: try await send(start)
        }
    }

    private func framing(of response: HTTPResponse, for head: RequestHead?) -> ResponseHead.Framing {
        guard response.status.hasBody else { return .none }
        switch response.body {
        case .none: return .length(0)
        case .bytes(let bytes): return .length(bytes.count)
        case .stream, .events:
            if head?.method == .head { return .none }
            return head?.line.isVersion11 == true ? .chunked : .untilClose
        }
    }

    private func encoded(
        _ response: HTTPResponse, _ framing: ResponseHead.Framing, _ closes: Bool, _ record: ExchangeRecord
    ) throws(HTTPServerError) -> [UInt8] {
        try ResponseHead(
            status: response.status, headers: response.headers, framing: framing, closes: closes,
            date: server.dateLine.now(), traceparent: record.trace.traceparent
        ).encoded()
    }

    private func stream(
        _ framing: ResponseHead.Framing, _ record: inout ExchangeRecord, _ write: (ResponseWriter) async throws -> Void
    ) async throws(ConnectionEnd) {
        let writer = ResponseWriter(self, isChunked: framing == .chunked)
        defer { record.bytes = writer.written }
        cancelIfGone()
        do {
            do {
                try await TraceContext.$current.withValue(record.trace) { try await write(writer) }
            } catch is CancellationError where phase == .events && server.isDraining {
                // The stream's own end: the client connects again, elsewhere.
            }
            try await writer.finish()
        } catch {
            if let failure = writer.failure { throw failure }
            if !(error is CancellationError) {
                server.log.error(
                    "a streamed response failed",
                    [
                        "error": .string(String(reflecting: type(of: error))),
                        "trace": .string(record.trace.traceIDText),
                    ])
            }
            // Without its last chunk the client sees that the body is not whole.
            throw .lost
        }
    }
}
