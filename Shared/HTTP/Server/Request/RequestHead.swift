/// A request head that passed every check: one copy of its bytes, and where its parts lie in them.
///
/// Offsets are 16 bits wide because the head is at most `HeadParser.headLimit` bytes long.
struct RequestHead: Sendable {
    /// How the body is delimited (RFC 9112, 6.3).
    enum Framing: Sendable, Hashable {
        case none
        case length(Int)
        case chunked
    }

    struct Field: Sendable {
        let name: Range<UInt16>
        let value: Range<UInt16>
    }

    struct RequestLine: Sendable {
        let method: HTTPMethod
        let target: Range<UInt16>
        let isVersion11: Bool
    }

    let bytes: [UInt8]
    let line: RequestLine
    let fields: [Field]
    /// Origin-form, whatever form was sent; `*` for `OPTIONS *`.
    private(set) var target: ArraySlice<UInt8> = []
    private(set) var framing = Framing.none
    /// Whether the client lets the connection live on.
    private(set) var keepsAlive = true
    private(set) var expectsContinue = false

    var method: HTTPMethod { line.method }

    /// Checks what no single line can tell: host, framing, expectation, form of the target.
    init(bytes: [UInt8], line: RequestLine, fields: [Field]) throws(Refusal) {
        self.bytes = bytes
        self.line = line
        self.fields = fields
        let host = try checkedHost()
        framing = try checkedFraming()
        target = try originForm(host: host)
        expectsContinue = try checkedExpectation()
        keepsAlive = line.isVersion11 && !values(of: "connection").contains { Self.list($0, has: "close") }
    }

    /// Every value of the field, in order.
    func values(of name: String) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        for field in fields where slice(field.name).equalsIgnoringCase(name.utf8) { found.append(slice(field.value)) }
        return found
    }

    func slice(_ range: Range<UInt16>) -> ArraySlice<UInt8> {
        bytes[Int(range.lowerBound)..<Int(range.upperBound)]
    }

    private static func list(_ value: ArraySlice<UInt8>, has token: String) -> Bool {
        value.split(separator: 0x2C).contains { $0.trimmed.equalsIgnoringCase(token.utf8) }
    }

    private func checkedHost() throws(Refusal) -> ArraySlice<UInt8>? {
        let hosts = values(of: "host")
        guard let host = hosts.first else {
            if line.isVersion11 { throw .host("Host is missing") }
            return nil
        }
        guard hosts.count == 1 else { throw .host("Host is there more than once") }
        guard Self.isAuthority(host) else { throw .host("Host is not a name or address with an optional port") }
        return host
    }

    /// A name, an IPv4 address or a bracketed IPv6 address, then perhaps a port.
    static func isAuthority(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        if rest.first == 0x5B {
            guard let end = rest.firstIndex(of: 0x5D) else { return false }
            let address = rest[(rest.startIndex + 1)..<end]
            guard address.count >= 2, address.allSatisfy({ $0.hexValue != nil || $0 == .colon || $0 == 0x2E }) else { return false }
            rest = rest[(end + 1)...]
        } else {
            let name = rest.prefix { $0 != .colon }
            let plain = name.allSatisfy { byte in
                byte.isDigit || (0x61...0x7A).contains(byte.lowercased) || byte == 0x2D || byte == 0x2E || byte == 0x5F
            }
            guard plain, !name.isEmpty else { return false }
            rest = rest.dropFirst(name.count)
        }
        guard let colon = rest.first else { return true }
        let port = rest.dropFirst()
        return colon == .colon && (1...5).contains(port.count) && port.allSatisfy(\.isDigit)
    }

    private func checkedFraming() throws(Refusal) -> Framing {
        let codings = values(of: "transfer-encoding")
        let lengths = values(of: "content-length")
        if let coding = codings.first {
            guard lengths.isEmpty else { throw .framing("Transfer-Encoding and Content-Length exclude each other") }
            guard codings.count == 1 else { throw .framing("Transfer-Encoding is there more than once") }
            guard line.isVersion11 else { throw .framing("HTTP/1.0 has no Transfer-Encoding") }
            guard coding.equalsIgnoringCase("chunked".utf8) else { throw .coding }
            return .chunked
        }
        guard let length = lengths.first else { return .none }
        guard lengths.count == 1 else { throw .framing("Content-Length is there more than once") }
        // 18 digits always fit 63 bits.
        guard (1...18).contains(length.count), length.allSatisfy(\.isDigit) else {
            throw .framing("Content-Length is not 1 to 18 digits")
        }
        let count = length.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return count == 0 ? .none : .length(count)
    }

    private func checkedExpectation() throws(Refusal) -> Bool {
        let expectations = values(of: "expect")
        guard let first = expectations.first else { return false }
        guard expectations.count == 1, first.equalsIgnoringCase("100-continue".utf8) else { throw .expectation }
        return line.isVersion11 && framing != .none
    }

    private func originForm(host: ArraySlice<UInt8>?) throws(Refusal) -> ArraySlice<UInt8> {
        let sent = slice(line.target)
        if sent.first == 0x2F { return sent }
        if sent.elementsEqual("*".utf8) {
            guard method == .options else { throw .target("* is a target of OPTIONS only") }
            return sent
        }
        let scheme = "http://".utf8
        guard sent.prefix(scheme.count).equalsIgnoringCase(scheme) else { throw .target("the target is not a path") }
        let rest = sent.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != 0x2F && $0 != 0x3F }
        guard Self.isAuthority(authority), let host, authority.equalsIgnoringCase(host) else {
            throw .target("the target's authority is not the Host")
        }
        let path = rest.dropFirst(authority.count)
        return path.first == 0x2F ? path : ArraySlice([0x2F] + path)
    }
}
