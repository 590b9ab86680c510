public import JSON

/// Server-sent events (WHATWG HTML, 9.2). The server says a comment when nothing else was said for a while.
public final class EventStream {
    private let writer: ResponseWriter

    init(_ writer: ResponseWriter) { self.writer = writer }

    /// Sends one event.
    ///
    /// - Parameters:
    ///   - id: what the browser sends back as `Last-Event-ID`; monotone numbers, so that a replay knows where to go on.
    ///   - event: the event's name, `message` when nil.
    /// Throws `invalidEvent` when id or name hold a line end or NUL, `connectionLost` when the client is gone.
    public func send(_ data: String, id: String? = nil, event: String? = nil) async throws {
        try await writer.write(try Self.encoded(data, id: id, event: event))
    }

    /// Sends one event whose data is JSON.
    public func send(json value: some JSONEncodable, id: String? = nil, event: String? = nil) async throws {
        try await send(value.json.repairedText, id: id, event: event)
    }

    /// A line that clients skip.
    public func comment(_ text: String) async throws {
        guard Self.isLine(text) else { throw HTTPServerError(.invalidEvent, "a comment is one line") }
        try await writer.write(": \(text)\n\n")
    }

    /// Milliseconds a client waits before it connects again; said once at the start.
    static let retry = 3000
    static let ping = Array(": ping\n\n".utf8)

    func open() async throws { try await writer.write("retry: \(Self.retry)\n\n") }

    static func encoded(_ data: String, id: String?, event: String?) throws(HTTPServerError) -> [UInt8] {
        var text = ""
        if let id {
            guard isLine(id) else { throw HTTPServerError(.invalidEvent, "an event's id is one line") }
            text += "id: \(id)\n"
        }
        if let event {
            guard isLine(event) else { throw HTTPServerError(.invalidEvent, "an event's name is one line") }
            text += "event: \(event)\n"
        }
        var line: [UInt8] = []
        var bytes = Array(text.utf8)
        var previous: UInt8 = 0
        for byte in data.utf8 {
            // CR, LF and CR LF each end one line.
            if byte == .carriageReturn || (byte == .lineFeed && previous != .carriageReturn) {
                append(&line, to: &bytes)
            } else if byte != .lineFeed {
                line.append(byte)
            }
            previous = byte
        }
        append(&line, to: &bytes)
        bytes.append(.lineFeed)
        return bytes
    }

    private static func append(_ line: inout [UInt8], to bytes: inout [UInt8]) {
        bytes += "data: ".utf8
        bytes += line
        bytes.append(.lineFeed)
        line.removeAll(keepingCapacity: true)
    }

    private static func isLine(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 != .carriageReturn && $0 != .lineFeed && $0 != 0 }
    }
}
