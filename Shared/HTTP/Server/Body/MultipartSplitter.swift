/// How much a form with files may bring; the whole is bounded by the route's limit.
public struct MultipartLimits: Sendable, Hashable {
    public var parts = 32
    /// Bytes of one part's header lines: as much as a request's own head, since nothing of a long file name is kept.
    public var headerBytes = 16_384
    /// Bytes before the first part, behind the last one, and of blanks behind boundaries, altogether.
    public var droppedBytes = 4096
    /// Bytes of one part without a file name.
    public var fieldBytes = 65_536
    /// Bytes of one part with a file name.
    public var fileBytes = 10 << 20

    public init() {}
}

/// Cuts `multipart/form-data` into parts, in any pieces, without keeping their content.
///
/// Strict where two readers could see two forms: CR LF everywhere, a boundary alone on its line, one name per part. What
/// RFC 2046 lets clients write beside that is taken and dropped: a preamble, an epilogue, blanks behind a boundary, folded
/// header lines, headers of any name.
struct MultipartSplitter {
    enum Event: Hashable {
        case part(MultipartHeader)
        case data([UInt8])
        case partEnd
    }

    private enum State {
        case opening
        case boundaryEnd
        case padding
        case closing
        case partStart
        case header
        case data
        case dataEnd
        case closed
        case epilogueLineFeed
        case epilogue
    }

    private let limits: MultipartLimits
    /// CR LF, two hyphens, the boundary.
    private let delimiter: [UInt8]
    /// For each prefix of the delimiter the longest proper prefix that is also its end (Knuth, Morris, Pratt).
    private let fallback: [Int]
    private var state = State.opening
    private var matched = 2
    private var parts = 0
    private var headerBytes = 0
    private var partBytes = 0
    /// Bytes before the first boundary, on a boundary's line, and behind the last one: all that is dropped.
    private var droppedBytes = 0
    private var lines = PartHeaderLines()
    private var header: MultipartHeader?

    init(boundary: [UInt8], limits: MultipartLimits) {
        self.limits = limits
        delimiter = [.carriageReturn, .lineFeed, 0x2D, 0x2D] + boundary
        fallback = Self.fallbacks(delimiter)
    }

    /// Whether the input may end here.
    var isDone: Bool {
        switch state {
        case .closed, .epilogue: true
        default: false
        }
    }

    /// The next event inside `input` from `position` on, which moves past what was used; nil when all was used.
    mutating func next(_ input: [UInt8], _ position: inout Int) throws(Refusal) -> Event? {
        while position < input.count {
            if case .data = state {
                let content = copyData(input, &position)
                if !content.isEmpty { return .data(try counted(content)) }
                continue
            }
            if case .dataEnd = state {
                state = .boundaryEnd
                return .partEnd
            }
            let byte = input[position]
            position += 1
            if try take(byte), let found = header {
                state = .data
                matched = 0
                partBytes = 0
                return .part(found)
            }
        }
        if case .dataEnd = state {
            state = .boundaryEnd
            return .partEnd
        }
        return nil
    }

    /// True when a part's header lines are complete.
    private mutating func take(_ byte: UInt8) throws(Refusal) -> Bool {
        switch state {
        case .opening: try takePreamble(byte)
        case .boundaryEnd: state = try Self.expect(byte, [.carriageReturn: .partStart, 0x2D: .closing, .space: .padding, .tab: .padding])
        case .padding:
            try drop()
            state = try Self.expect(byte, [.carriageReturn: .partStart, .space: .padding, .tab: .padding])
        case .partStart:
            state = try Self.expect(byte, [.lineFeed: .header])
            parts += 1
            guard parts <= limits.parts else { throw Refusal(413, "too-many-parts", "a form has at most \(limits.parts) parts") }
            (lines, headerBytes) = (PartHeaderLines(), 0)
        case .header: return try takeHeader(byte)
        case .closing: state = try Self.expect(byte, [0x2D: .closed])
        case .closed:
            try drop()
            state = try Self.expect(byte, [.carriageReturn: .epilogueLineFeed, .space: .closed, .tab: .closed])
        case .epilogueLineFeed: state = try Self.expect(byte, [.lineFeed: .epilogue])
        case .epilogue: try drop()
        case .data, .dataEnd: break
        }
        return false
    }

    /// Looks for the first boundary: at the beginning, or behind lines that are for nobody.
    private mutating func takePreamble(_ byte: UInt8) throws(Refusal) {
        try drop()
        while matched > 0, delimiter[matched] != byte { matched = fallback[matched - 1] }
        if delimiter[matched] == byte { matched += 1 }
        if matched == delimiter.count { state = .boundaryEnd }
    }

    private mutating func takeHeader(_ byte: UInt8) throws(Refusal) -> Bool {
        headerBytes += 1
        guard headerBytes <= limits.headerBytes else {
            throw Refusal(431, "part-header-too-large", "a part's header is larger than \(limits.headerBytes) bytes")
        }
        header = try lines.take(byte)
        return header != nil
    }

    private mutating func drop() throws(Refusal) {
        droppedBytes += 1
        guard droppedBytes <= limits.droppedBytes else {
            throw Self.malformed("more than \(limits.droppedBytes) bytes stand outside its parts")
        }
    }

    private mutating func copyData(_ input: [UInt8], _ position: inout Int) -> [UInt8] {
        var content: [UInt8] = []
        while position < input.count {
            if matched == 0 {
                let stop = input[position...].firstIndex(of: .carriageReturn) ?? input.count
                content += input[position..<stop]
                position = stop
                if stop == input.count { break }
            }
            let byte = input[position]
            while matched > 0, delimiter[matched] != byte {
                let shorter = fallback[matched - 1]
                content += delimiter[..<(matched - shorter)]
                matched = shorter
            }
            position += 1
            guard delimiter[matched] == byte else {
                content.append(byte)
                continue
            }
            matched += 1
            if matched == delimiter.count {
                state = .dataEnd
                break
            }
        }
        return content
    }

    private mutating func counted(_ content: [UInt8]) throws(Refusal) -> [UInt8] {
        partBytes += content.count
        let limit = header?.filename == nil ? limits.fieldBytes : limits.fileBytes
        guard partBytes <= limit else { throw Refusal(413, "part-too-large", "a part is larger than \(limit) bytes") }
        return content
    }

    private static func expect(_ byte: UInt8, _ next: [UInt8: State]) throws(Refusal) -> State {
        guard let state = next[byte] else { throw malformed("a boundary is malformed") }
        return state
    }

    static func malformed(_ what: String) -> Refusal {
        Refusal(400, "bad-multipart", "the form is malformed: \(what)")
    }

    private static func fallbacks(_ pattern: [UInt8]) -> [Int] {
        var table = [Int](repeating: 0, count: pattern.count)
        var length = 0
        for place in pattern.indices.dropFirst() {
            while length > 0, pattern[place] != pattern[length] { length = table[length - 1] }
            if pattern[place] == pattern[length] { length += 1 }
            table[place] = length
        }
        return table
    }
}
