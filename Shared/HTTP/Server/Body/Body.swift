/// A request's body as it comes, no faster than it is read. Not Sendable: it belongs to the handler's task.
public final class RequestBody {
    private let connection: Connection
    private let declared: Int?
    private var framing: BodyFraming
    private var mustContinue: Bool
    private var waited = Duration.zero
    /// Whose body it is, while it is on its way.
    private var client: ClientBlock?
    private var kept = 0
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

    /// Before it is read. Throws 429 or 503 when the server takes no more bodies now.
    func admit(_ client: ClientBlock) throws {
        guard !isDone else { return }
        do throws(Refusal) { try connection.server.bodies.begin(client, declared: declared) } catch {
            failure = .refused(error)
            throw Problem(error)
        }
        self.client = client
    }

    /// Gives back what it held.
    func release() {
        arrived()
        connection.server.bodies.release(kept)
        kept = 0
    }

    private func arrived() {
        if let client { connection.server.bodies.arrived(client) }
        client = nil
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
                if isDone { arrived() }
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
            try connection.server.bodies.keep(range.count, of: received)
            kept += range.count
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
