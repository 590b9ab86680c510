/// The whole of request framing without a socket: bytes in, requests or a refusal out. The server reads through the
/// same parts; this composition is what the fuzzer and the tables drive.
struct Framer {
    /// One framed request; its body is what arrived so far.
    struct Request: Hashable {
        var method: HTTPMethod
        var target: [UInt8]
        var body: [UInt8] = []
        var isComplete = false
    }

    private(set) var requests: [Request] = []
    private(set) var refusal: Refusal?
    /// Bytes up to the end of the last complete request.
    private(set) var accepted = 0
    private var dropped = 0
    private var buffer: [UInt8] = []
    private var position = 0
    private var parser = HeadParser()
    private var body = BodyFraming(.none)

    /// Takes the next piece of the stream. Nothing is taken after a refusal.
    mutating func feed(_ piece: some Sequence<UInt8>) {
        guard refusal == nil else { return }
        buffer.append(contentsOf: piece)
        do { try advance() } catch { refusal = error }
        buffer.removeFirst(position)
        dropped += position
        position = 0
    }

    private mutating func advance() throws(Refusal) {
        while true {
            if let last = requests.indices.last, !requests[last].isComplete {
                while let range = try body.next(buffer, &position) { requests[last].body += buffer[range] }
                guard body.isDone else { return }
                requests[last].isComplete = true
                accepted = dropped + position
            }
            guard let (head, length) = try parser.advance(buffer, from: position) else { return }
            if head.target.first != 0x2A, let refusal = try Target(head.target).queryRefusal { throw refusal }
            position += length
            parser = HeadParser()
            body = BodyFraming(head.framing)
            requests.append(Request(method: head.method, target: Array(head.target)))
        }
    }
}

/// Where a body ends, for each way of saying so.
struct BodyFraming {
    private var remaining: Int
    private var chunks: ChunkedDecoder?

    init(_ framing: RequestHead.Framing) {
        switch framing {
        case .none: remaining = 0
        case .length(let count): remaining = count
        case .chunked:
            remaining = 0
            chunks = ChunkedDecoder()
        }
    }

    var isDone: Bool { chunks?.isDone ?? (remaining == 0) }

    /// As `ChunkedDecoder.next`.
    mutating func next(_ input: [UInt8], _ position: inout Int) throws(Refusal) -> Range<Int>? {
        if chunks != nil { return try chunks?.next(input, &position) ?? nil }
        let count = min(remaining, input.count - position)
        guard count > 0 else { return nil }
        let piece = position..<(position + count)
        position += count
        remaining -= count
        return piece
    }
}
