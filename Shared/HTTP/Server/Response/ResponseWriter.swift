/// Writes a streamed body. Every call suspends until the kernel took the bytes, so nothing piles up in the process.
/// Not Sendable: it belongs to the handler's task.
public final class ResponseWriter {
    private let connection: Connection
    private let isChunked: Bool
    /// Why nothing can be written any more.
    private(set) var failure: ConnectionEnd?
    /// Body bytes written, without the transfer coding.
    public private(set) var written = 0

    init(_ connection: Connection, isChunked: Bool) {
        self.connection = connection
        self.isChunked = isChunked
    }

    /// Sends `bytes` now. Throws `HTTPServerError.connectionLost` when the client is gone or stopped reading.
    public func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        written += bytes.count
        try await send(isChunked ? Array("\(String(bytes.count, radix: 16))\r\n".utf8) : [], bytes, isChunked ? Self.lineEnd : [])
    }

    /// Sends `text` as UTF-8.
    public func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    func finish() async throws {
        if isChunked { try await send(Array("0\r\n\r\n".utf8), [], []) }
    }

    private static let lineEnd: [UInt8] = [.carriageReturn, .lineFeed]

    private func send(_ first: [UInt8], _ second: [UInt8], _ third: [UInt8]) async throws {
        if failure == nil {
            do throws(ConnectionEnd) {
                if second.count <= Connection.joinLimit {
                    try await connection.send(first + second + third)
                } else {
                    try await connection.send(first, second, third)
                }
                return
            } catch { failure = error }
        }
        throw HTTPServerError(.connectionLost, "the client is gone")
    }
}
