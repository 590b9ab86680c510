/// A request's body as it comes, no faster than it is read. Not Sendable: it belongs to the handler's task.
public final class RequestBody {
    private let connection: Connection
    private let declared: Int?
    private var framing: BodyFraming
    private var mustContinue: Bool
    private var waited = Duration.zero
    var limit = 0
    /// Why the body will not come to its end; whatever the handler made of it, the connection is over.
    private(set) var failure: ConnectionEnd?

    /// Bytes read so far, the transfer coding taken off.
    public private(set) var received = 0

    init(_ connection: Connection, _ head: RequestHead) {
        self.connection = connection
        framing = BodyFraming(head.framing)
        mustContinue = head.expectsContinue
        declared = if case .length(let count) = head.framing { count } else { nil }
    }

    /// Whether everything was read.
    public var isDone: Bool { framing.isDone }

    /// The next piece, never empty; nil at the end.
    ///
    /// Throws a `Problem`: 413 over the route's limit, 408 when it comes too slowly, 400 when it is malformed; and
    /// `HTTPServerError.connectionLost`. Let them through: they end the connection.
    public func read() async throws -> [UInt8]? {
        do throws(ConnectionEnd) { return try await next() } catch {
            switch error {
            case .refused(let refusal): throw Problem(refusal)
            case .lost, .stalled: throw HTTPServerError(.connectionLost, "the client is gone")
            }
        }
    }

    /// All of it. Throws as `read`.
    public func collect() async throws -> [UInt8] {
        guard var all = try await read() else { return [] }
        if isDone { return all }
        if let declared { all.reserveCapacity(declared) }
        while let piece = try await read() { all += piece }
        return all
    }

    private func next() async throws(ConnectionEnd) -> [UInt8]? {
        if let failure { throw failure }
        do throws(ConnectionEnd) {
            if let declared, declared > limit { throw .refused(.bodyTooLarge(limit: limit)) }
            if isDone { return nil }
            if mustContinue {
                mustContinue = false
                try await connection.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            }
            while true {
                let piece = try connection.take { input, position throws(Refusal) in try self.decode(input, &position) }
                if !piece.isEmpty { return piece }
                if isDone { return nil }
                try await more()
            }
        } catch {
            failure = error
            throw error
        }
    }

    private func decode(_ input: [UInt8], _ position: inout Int) throws(Refusal) -> [UInt8] {
        var piece: [UInt8] = []
        while let range = try framing.next(input, &position) {
            received += range.count
            guard received <= limit else { throw .bodyTooLarge(limit: limit) }
            piece += input[range]
        }
        return piece
    }

    private func more() async throws(ConnectionEnd) {
        let deadlines = connection.server.configuration.deadlines
        let began = ContinuousClock.now
        let budget = deadlines.budget(deadlines.body, bytes: received, waited: waited)
        connection.isReadingBody = true
        let outcome = await connection.fill(until: began + budget)
        connection.isReadingBody = false
        waited += ContinuousClock.now - began
        switch outcome {
        case .bytes: return
        case .end: throw .refused(.bodyCutShort)
        case .timeout: throw .refused(.bodyTimeout)
        case .gone: throw .lost
        }
    }
}
