/// A response as it came, taken apart strictly: a malformed one is an error.
public struct RawResponse: Sendable, Hashable {
    public struct Header: Sendable, Hashable {
        public let name: String
        public let value: String
    }

    public let status: Int
    public let headers: [Header]
    /// The transfer coding taken off.
    public let body: [UInt8]

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The first value of that name, whatever its case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// A string member of a JSON body, found by its text: enough for `code` and `type` of a problem.
    public func member(_ name: String) -> String? {
        guard let start = text.firstRange(of: "\"\(name)\":\"") else { return nil }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }

    /// Nil when `bytes` hold no whole response yet.
    static func parse(_ bytes: [UInt8], toHead: Bool, atEnd: Bool) throws(RawHTTP.Failure) -> (RawResponse, Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3)) else {
            throw .malformed("status line: \(lines.first ?? "")")
        }
        var headers: [Header] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstRange(of: ": ") else { throw .malformed("header: \(line)") }
            headers.append(Header(name: String(line[..<colon.lowerBound]), value: String(line[colon.upperBound...])))
        }
        let head = RawResponse(status: status, headers: headers, body: [])
        if toHead || status < 200 || status == 204 || status == 304 { return (head, end.upperBound) }
        let rest = bytes[end.upperBound...]
        if head.header("transfer-encoding") == "chunked" {
            guard let (body, used) = try dechunk(rest) else { return nil }
            return (RawResponse(status: status, headers: headers, body: body), used)
        }
        if let length = head.header("content-length") {
            guard let length = Int(length) else { throw .malformed("length \(length)") }
            guard rest.count >= length else { return nil }
            return (RawResponse(status: status, headers: headers, body: Array(rest.prefix(length))), end.upperBound + length)
        }
        return atEnd ? (RawResponse(status: status, headers: headers, body: Array(rest)), bytes.count) : nil
    }

    /// Of head and body together; nil before the head is whole, or when it does not say.
    static func declaredLength(_ bytes: [UInt8]) throws(RawHTTP.Failure) -> Int? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)),
            let (head, _) = try parse(Array(bytes[..<end.upperBound]), toHead: true, atEnd: false)
        else { return nil }
        return head.header("content-length").flatMap { Int($0) }.map { end.upperBound + $0 }
    }

    private static func dechunk(_ bytes: ArraySlice<UInt8>) throws(RawHTTP.Failure) -> ([UInt8], Int)? {
        var rest = bytes
        var body: [UInt8] = []
        while true {
            guard let line = rest.firstRange(of: [13, 10]) else { return nil }
            guard let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) else {
                throw .malformed("chunk size")
            }
            rest = rest[line.upperBound...]
            guard rest.count >= size + 2 else { return nil }
            body += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard rest.prefix(2).elementsEqual([13, 10]) else { throw .malformed("chunk end") }
            rest = rest.dropFirst(2)
            if size == 0 { return (body, rest.startIndex) }
        }
    }
}
