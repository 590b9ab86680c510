import Glibc

/// Writes a response's head, refusing what would let a value become a header or a second response.
struct ResponseHead {
    enum Framing: Equatable {
        case length(Int)
        case chunked
        case untilClose
        case none
    }

    let status: HTTPStatus
    let headers: [HTTPResponse.Header]
    let framing: Framing
    let closes: Bool
    let date: [UInt8]
    let traceparent: String?

    func encoded() throws(HTTPServerError) -> [UInt8] {
        guard (200...599).contains(status.code) else { throw HTTPServerError(.invalidHeader, "status \(status.code)") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(384)
        bytes += "HTTP/1.1 \(status.code) \(status.reason)\r\n".utf8
        for header in headers {
            try Self.check(header)
            Self.append(header.name, header.value, to: &bytes)
        }
        bytes += "Date: ".utf8
        bytes += date
        bytes += "\r\n".utf8
        switch framing {
        case .length(let count): bytes += "Content-Length: \(count)\r\n".utf8
        case .chunked: bytes += "Transfer-Encoding: chunked\r\n".utf8
        case .untilClose, .none: break
        }
        if let traceparent { Self.append("traceparent", traceparent, to: &bytes) }
        if closes { bytes += "Connection: close\r\n".utf8 }
        bytes += "\r\n".utf8
        return bytes
    }

    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes += name.utf8
        bytes += ": ".utf8
        bytes += value.utf8
        bytes += "\r\n".utf8
    }

    private static let ours = [
        "connection", "content-length", "date", "keep-alive", "traceparent", "trailer", "transfer-encoding", "upgrade",
    ]

    private static func check(_ header: HTTPResponse.Header) throws(HTTPServerError) {
        let name = header.name.utf8
        guard !name.isEmpty, name.allSatisfy(\.isToken) else {
            throw HTTPServerError(.invalidHeader, "a header's name is not a token")
        }
        guard header.value.utf8.allSatisfy(\.isFieldValue) else {
            throw HTTPServerError(.invalidHeader, "the value of \(header.name) holds a control byte")
        }
        guard !ours.contains(where: { name.equalsIgnoringCase($0.utf8) }) else {
            throw HTTPServerError(.invalidHeader, "\(header.name) is the server's own")
        }
    }
}

/// The `Date` header's value, made anew once a second.
struct DateLine {
    private var second = -1
    private var bytes: [UInt8] = []

    mutating func now() -> [UInt8] {
        let now = time(nil)
        if now != second {
            second = now
            bytes = Self.text(now)
        }
        return bytes
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// IMF-fixdate of RFC 9110, 5.6.7.
    static func text(_ seconds: Int) -> [UInt8] {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ n: CInt) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let day = days[Int(parts.tm_wday) % 7]
        let month = months[Int(parts.tm_mon) % 12]
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return Array("\(day), \(two(parts.tm_mday)) \(month) \(parts.tm_year + 1900) \(clock) GMT".utf8)
    }
}
