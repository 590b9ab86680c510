/// How much a form with files may bring; the whole is bounded by the route's limit.
public struct MultipartLimits: Sendable, Hashable {
    public var parts = 32
    /// Bytes of one part's header lines.
    public var headerBytes = 4096
    /// Bytes of one part without a file name.
    public var fieldBytes = 65_536
    /// Bytes of one part with a file name.
    public var fileBytes = 10 << 20

    public init() {}
}

/// What a part's header lines say (RFC 7578).
struct MultipartHeader: Hashable {
    var name = ""
    var filename: String?
    var contentType: String?
}

/// Cuts `multipart/form-data` into parts, in any pieces, without keeping their content. Strict: no preamble, no
/// epilogue, CR LF everywhere.
struct MultipartSplitter {
    enum Event: Hashable {
        case part(MultipartHeader)
        case data([UInt8])
        case partEnd
    }

    private enum State {
        case opening
        case boundaryEnd
        case closing
        case partStart
        case header
        case data
        case dataEnd
        case epilogueReturn
        case epilogueLineFeed
        case done
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
    private var line: [UInt8] = []
    private var header: MultipartHeader?
    private var sawDisposition = false

    init(boundary: [UInt8], limits: MultipartLimits) {
        self.limits = limits
        delimiter = [.carriageReturn, .lineFeed, 0x2D, 0x2D] + boundary
        fallback = Self.fallbacks(delimiter)
    }

    /// Whether the input may end here.
    var isDone: Bool {
        switch state {
        case .epilogueReturn, .done: true
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
        case .opening:
            guard delimiter[matched] == byte else { throw Self.malformed("it does not begin with its boundary") }
            matched += 1
            if matched == delimiter.count { state = .boundaryEnd }
        case .boundaryEnd: state = try Self.expect(byte, [.carriageReturn: .partStart, 0x2D: .closing])
        case .partStart:
            state = try Self.expect(byte, [.lineFeed: .header])
            parts += 1
            guard parts <= limits.parts else { throw Refusal(413, "too-many-parts", "a form has at most \(limits.parts) parts") }
            (header, headerBytes, sawDisposition) = (MultipartHeader(), 0, false)
        case .header: return try takeHeader(byte)
        case .closing: state = try Self.expect(byte, [0x2D: .epilogueReturn])
        case .epilogueReturn: state = try Self.expect(byte, [.carriageReturn: .epilogueLineFeed])
        case .epilogueLineFeed: state = try Self.expect(byte, [.lineFeed: .done])
        case .done: throw Self.malformed("something follows its last boundary")
        case .data, .dataEnd: break
        }
        return false
    }

    private mutating func takeHeader(_ byte: UInt8) throws(Refusal) -> Bool {
        headerBytes += 1
        guard headerBytes <= limits.headerBytes else {
            throw Refusal(431, "part-header-too-large", "a part's header is larger than \(limits.headerBytes) bytes")
        }
        guard byte == .lineFeed else {
            line.append(byte)
            return false
        }
        guard line.popLast() == .carriageReturn else { throw Self.malformed("a header line does not end in CR LF") }
        defer { line.removeAll(keepingCapacity: true) }
        if !line.isEmpty {
            try takeHeaderLine()
            return false
        }
        guard sawDisposition else { throw Self.malformed("a part has no Content-Disposition") }
        return true
    }

    private mutating func takeHeaderLine() throws(Refusal) {
        let (name, value) = try HeadParser.field(line[...])
        if name.equalsIgnoringCase("content-disposition".utf8) {
            guard !sawDisposition else { throw Self.malformed("a part has two Content-Dispositions") }
            sawDisposition = true
            try takeDisposition(value)
        } else if name.equalsIgnoringCase("content-type".utf8) {
            header?.contentType = MediaType(value).essence
        } else if name.equalsIgnoringCase("content-transfer-encoding".utf8) {
            let plain = ["binary", "8bit", "7bit"].contains { value.equalsIgnoringCase($0.utf8) }
            guard plain else { throw Self.malformed("a part has a transfer encoding") }
        }
    }

    private mutating func takeDisposition(_ value: ArraySlice<UInt8>) throws(Refusal) {
        let type = value.prefix { $0 != 0x3B }
        guard type.trimmed.equalsIgnoringCase("form-data".utf8), let parameters = HeaderParameters(value.dropFirst(type.count))
        else { throw Self.malformed("a part's Content-Disposition is not form-data") }
        var seen: Set<String> = []
        for (name, value) in parameters.pairs {
            let key = String(decoding: name.map(\.lowercased), as: UTF8.self)
            guard seen.insert(key).inserted, let text = String(validating: value, as: UTF8.self), key != "filename*" else {
                throw Self.malformed("a part's Content-Disposition is malformed")
            }
            if key == "name" { header?.name = text }
            if key == "filename" { header?.filename = text }
        }
        guard seen.contains("name") else { throw Self.malformed("a part has no name") }
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
