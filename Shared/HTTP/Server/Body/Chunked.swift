/// Takes the chunked coding off (RFC 9112, 7.1), in any pieces. Extensions and trailers are checked and dropped.
struct ChunkedDecoder {
    static let sizeDigits = 15
    static let extensionLimit = 4096
    static let trailerLimit = 4096

    private enum State {
        case size(digits: Int)
        case extensions
        case sizeLineFeed
        case data
        case dataReturn
        case dataLineFeed
        case trailers
        case done
    }

    private var state = State.size(digits: 0)
    private var remaining = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerLine: [UInt8] = []

    var isDone: Bool { if case .done = state { true } else { false } }

    /// The next piece of the body inside `input` from `position` on, which moves past what was used.
    /// Nil when all input was used, or the body is done.
    mutating func next(_ input: [UInt8], _ position: inout Int) throws(Refusal) -> Range<Int>? {
        while position < input.count {
            if case .data = state {
                let count = min(remaining, input.count - position)
                let piece = position..<(position + count)
                position += count
                remaining -= count
                if remaining == 0 { state = .dataReturn }
                return piece
            }
            if isDone { return nil }
            let byte = input[position]
            position += 1
            try take(byte)
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) throws(Refusal) {
        switch state {
        case .size(let digits): try takeSize(byte, digits)
        case .extensions:
            extensionBytes += 1
            if byte == .carriageReturn {
                state = .sizeLineFeed
            } else if !byte.isFieldValue {
                throw .chunk("a chunk extension holds a control byte")
            } else if extensionBytes > Self.extensionLimit {
                throw .chunk("the chunk extensions are longer than \(Self.extensionLimit) bytes")
            }
        case .sizeLineFeed:
            guard byte == .lineFeed else { throw .chunk("a chunk size does not end in CR LF") }
            state = remaining == 0 ? .trailers : .data
        case .dataReturn:
            guard byte == .carriageReturn else { throw .chunk("a chunk does not end in CR LF") }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == .lineFeed else { throw .chunk("a chunk does not end in CR LF") }
            state = .size(digits: 0)
        case .trailers: try takeTrailer(byte)
        case .data, .done: break
        }
    }

    private mutating func takeSize(_ byte: UInt8, _ digits: Int) throws(Refusal) {
        if let value = byte.hexValue {
            guard digits < Self.sizeDigits else { throw .chunk("a chunk size has more than \(Self.sizeDigits) digits") }
            remaining = (digits == 0 ? 0 : remaining << 4) | Int(value)
            state = .size(digits: digits + 1)
            return
        }
        guard digits > 0 else { throw .chunk("a chunk size is missing") }
        switch byte {
        case .carriageReturn: state = .sizeLineFeed
        case 0x3B:
            extensionBytes += 1
            state = .extensions
        default: throw .chunk("a chunk size holds a byte that is no hexadecimal digit")
        }
    }

    private mutating func takeTrailer(_ byte: UInt8) throws(Refusal) {
        trailerBytes += 1
        guard trailerBytes <= Self.trailerLimit else { throw .trailersTooLarge }
        guard byte == .lineFeed else {
            trailerLine.append(byte)
            return
        }
        guard trailerLine.popLast() == .carriageReturn else { throw .chunk("a trailer line does not end in CR LF") }
        if trailerLine.isEmpty {
            state = .done
        } else {
            _ = try HeadParser.field(trailerLine[...])
            trailerLine.removeAll(keepingCapacity: true)
        }
    }
}
