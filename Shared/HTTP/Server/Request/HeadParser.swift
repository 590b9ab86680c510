/// Finds and checks a request head in bytes that arrive in any pieces.
///
/// Every decision is taken at a byte that does not depend on how the bytes were cut: limits when they are passed, all
/// else at the end of a line. So an input whole and the same input byte by byte end alike (tested, and fuzzed).
struct HeadParser {
    static let targetLimit = 8192
    static let requestLineLimit = targetLimit + 32
    static let headLimit = 16_384
    static let fieldLimit = 100

    /// Relative to the head's first byte: where looking goes on, and where the line begun lies.
    private var scanned = 0
    private var lineStart = 0
    private var sawEmptyLine = false
    private var line: RequestHead.RequestLine?
    private var fields: [RequestHead.Field] = []

    /// Whether any byte of a request has been seen (an empty line before it does not count).
    var hasBegun: Bool { scanned > lineStart || line != nil }

    /// Looks at `input` from `start` (the head's first byte, the same in every call) to its end.
    /// Returns the head and its length once it is complete.
    mutating func advance(_ input: [UInt8], from start: Int) throws(Refusal) -> (head: RequestHead, length: Int)? {
        while let index = input[(start + scanned)...].firstIndex(of: .lineFeed) {
            let end = index - start
            try checkSizes(end: end + 1)
            scanned = end + 1
            guard end > lineStart, input[index - 1] == .carriageReturn else { throw .lineEnd }
            let text = (lineStart..<(end - 1))
            lineStart = end + 1
            if text.isEmpty {
                guard let line else {
                    if sawEmptyLine { throw .requestLine("more than one empty line before the request") }
                    sawEmptyLine = true
                    continue
                }
                let bytes = Array(input[start...index])
                return (try RequestHead(bytes: bytes, line: line, fields: fields), end + 1)
            }
            try take(input[(start + text.lowerBound)..<(start + text.upperBound)], at: text.lowerBound)
        }
        scanned = input.count - start
        // The line feed to come counts too.
        if scanned > lineStart { try checkSizes(end: scanned + 1) }
        return nil
    }

    private func checkSizes(end: Int) throws(Refusal) {
        if line == nil, end - lineStart > Self.requestLineLimit { throw .targetTooLong }
        if end > Self.headLimit { throw .headTooLarge }
    }

    private mutating func take(_ text: ArraySlice<UInt8>, at offset: Int) throws(Refusal) {
        if line == nil {
            line = try Self.requestLine(text, at: offset)
            return
        }
        guard fields.count < Self.fieldLimit else { throw .headTooLarge }
        let (name, value) = try Self.field(text)
        let shift = offset - text.startIndex
        fields.append(
            RequestHead.Field(
                name: UInt16(name.startIndex + shift)..<UInt16(name.endIndex + shift),
                value: UInt16(value.startIndex + shift)..<UInt16(value.endIndex + shift)))
    }

    private static func requestLine(_ text: ArraySlice<UInt8>, at offset: Int) throws(Refusal) -> RequestHead.RequestLine {
        let name = text.prefix { $0 != .space }
        guard !name.isEmpty, name.allSatisfy(\.isToken) else { throw .requestLine("the method is not a token") }
        let rest = text.dropFirst(name.count + 1)
        let target = rest.prefix { $0 != .space }
        guard !target.isEmpty else { throw .requestLine("there is no target") }
        guard target.count < rest.count else { throw .requestLine("there is no version") }
        guard target.count <= targetLimit else { throw .targetTooLong }
        guard target.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x23 }) else {
            throw .target("the target holds a byte that must be percent-encoded")
        }
        let isVersion11 = try version(rest.dropFirst(target.count + 1))
        guard let method = HTTPMethod(bytes: name) else { throw .method }
        let start = UInt16(target.startIndex - text.startIndex + offset)
        return RequestHead.RequestLine(method: method, target: start..<(start + UInt16(target.count)), isVersion11: isVersion11)
    }

    private static func version(_ text: ArraySlice<UInt8>) throws(Refusal) -> Bool {
        let digits = Array(text.suffix(3))
        guard text.count == 8, text.prefix(5).elementsEqual("HTTP/".utf8), digits[0].isDigit, digits[1] == 0x2E, digits[2].isDigit
        else { throw .requestLine("the version is malformed") }
        guard digits[0] == 0x31, digits[2] <= 0x31 else { throw .version }
        return digits[2] == 0x31
    }

    /// Name and trimmed value of one field line; also for trailers.
    static func field(_ text: ArraySlice<UInt8>) throws(Refusal) -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        if let first = text.first, first.isBlank { throw .field("a field line is folded") }
        guard let colon = text.firstIndex(of: .colon) else { throw .field("a field line has no colon") }
        let name = text[..<colon]
        guard !name.isEmpty, name.allSatisfy(\.isToken) else { throw .field("a field name is not a token") }
        let value = text[(colon + 1)...]
        guard value.allSatisfy(\.isFieldValue) else { throw .field("a field value holds a control byte") }
        return (name, value.trimmed)
    }
}
