internal import CCurl

/// A mailbox that was looked at: nothing in it can break out of its place in SMTP or in a header.
public struct MailAddress: Sendable, Hashable {
    public let address: String
    /// As shown; any language.
    public let name: String?

    /// - Throws: `bad-request` for anything but an ordinary ASCII `local@domain`, or a control character in the name.
    public init(_ address: String, name: String? = nil) throws(HTTPClientError) {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), parts[0].utf8.allSatisfy(Self.isLocal),
            (1...253).contains(parts[1].utf8.count), Self.isDomain(parts[1])
        else { throw HTTPClientError(.badRequest, "mail address") }
        guard name.map(HeaderText.isValue) ?? true else { throw HTTPClientError(.badRequest, "mail name") }
        self.address = address
        self.name = name
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && !"\"(),:;<>[]\\@".utf8.contains(byte)
    }

    private static func isDomain(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) || $0 == 0x2d }
        }
    }

    var header: String { name.map { MailText.word($0) + " <\(address)>" } ?? address }
}

/// One letter to one recipient: a server that refuses one of several refuses them all.
public struct MailMessage: Sendable {
    public struct Attachment: Sendable {
        public var name: String
        /// A media type, for example `image/jpeg`.
        public var type: String
        public var bytes: [UInt8]
        public init(name: String, type: String, bytes: [UInt8]) {
            (self.name, self.type, self.bytes) = (name, type, bytes)
        }
    }
    public var from: MailAddress
    public var to: MailAddress
    public var subject: String
    public var text: String
    public var html: String?
    public var attachments: [Attachment] = []
    /// Left of the `@` in `Message-ID`; the same for every attempt, so that a doubled letter can be recognised.
    public var id: String
    /// Seconds since 1970.
    public var date: Int64

    public init(from: MailAddress, to: MailAddress, subject: String, text: String, id: String, date: Int64) {
        (self.from, self.to, self.subject, self.text, self.id, self.date) = (from, to, subject, text, id, date)
    }
}

/// What the server said; transport failures are thrown as ``HTTPClientError`` instead.
public enum MailOutcome: Sendable, Equatable {
    case accepted
    /// 4xx: the same letter may be taken later.
    case tryLater(status: Int)
    /// 5xx: it never will.
    case refused(status: Int)
}

/// Letters through one SMTP server.
public final class MailSender: Sendable {
    public struct Configuration: Sendable {
        /// `smtp://host:port` or `smtps://host:port`.
        public var url: String
        public var user: String?
        public var password: String?
        /// Whether STARTTLS is demanded. Always so with a password: without it libcurl would send the letter without logging in.
        public var requiresTLS = false
        public var timeout = Duration.seconds(30)
        /// A PEM file of certificate authorities instead of the system's.
        public var certificateAuthorities: String?
        public init(url: String) { self.url = url }
    }

    private let configuration: Configuration
    private let client: HTTPClient

    /// - Parameter policy: the operator names the mail server, so any address is allowed by default.
    public init(_ configuration: Configuration, policy: AddressPolicy = .unrestricted) throws(HTTPClientError) {
        let scheme = configuration.url.prefix { $0 != ":" }.lowercased()
        guard scheme == "smtp" || scheme == "smtps", configuration.url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw HTTPClientError(.badRequest, "mail server URL")
        }
        var engine = HTTPClient.Configuration(policy)
        engine.connectionsPerHost = 4
        engine.certificateAuthorities = configuration.certificateAuthorities
        client = try HTTPClient(engine)
        self.configuration = configuration
    }

    /// Hands the letter to the server. Throws ``HTTPClientError`` (before the server's word; ``HTTPClientError/mayHaveBeenTaken``
    /// says whether the letter's end may have left by then) or `CancellationError`.
    public func send(_ message: MailMessage) async throws -> MailOutcome {
        let transfer = Transfer(.mail(try MailPlan(message, configuration)), limit: 1 << 16)
        let status = try await client.run(transfer).status
        switch status {
        case 500...: return .refused(status: status)
        case 400...: return .tryLater(status: status)
        default: return .accepted
        }
    }
}

/// A letter ready for libcurl.
struct MailPlan: Sendable {
    private let message: MailMessage
    private let configuration: MailSender.Configuration
    private let headers: [String]

    init(_ message: MailMessage, _ configuration: MailSender.Configuration) throws(HTTPClientError) {
        guard HeaderText.isValue(message.subject), HeaderText.isToken(message.id) else {
            throw HTTPClientError(.badRequest, "mail subject or id")
        }
        for attachment in message.attachments {
            let halves = attachment.type.split(separator: "/", omittingEmptySubsequences: false)
            guard halves.count == 2, halves.allSatisfy({ HeaderText.isToken(String($0)) }), HeaderText.isValue(attachment.name) else {
                throw HTTPClientError(.badRequest, "mail attachment")
            }
        }
        let domain = message.from.address.split(separator: "@").last ?? "localhost"
        headers = [
            "Date: \(CivilTime.mailDate(message.date))", "From: \(message.from.header)", "To: \(message.to.header)",
            "Subject: \(MailText.word(message.subject))", "Message-ID: <\(message.id)@\(domain)>", "Auto-Submitted: auto-generated",
        ]
        self.message = message
        self.configuration = configuration
    }

    /// `lists` and `mime` belong to the transfer, which frees them; part headers and subparts belong to `mime`.
    func configure(
        _ handle: UnsafeMutableRawPointer, lists: inout [UnsafeMutablePointer<curl_slist>?], mime: inout OpaquePointer?
    ) -> [CURLcode] {
        let root = curl_mime_init(handle)
        mime = root
        let list = headers.reduce(nil) { curl_slist_append($0, $1) }
        let recipients = curl_slist_append(nil, "<\(message.to.address)>")
        lists = [list, recipients]
        var results: [CURLcode] = [
            ccurl_text(handle, CURLOPT_URL, configuration.url), ccurl_text(handle, CURLOPT_MAIL_FROM, "<\(message.from.address)>"),
            ccurl_list(handle, CURLOPT_MAIL_RCPT, recipients), ccurl_list(handle, CURLOPT_HTTPHEADER, list),
            ccurl_long(handle, CURLOPT_TIMEOUT_MS, configuration.timeout.wholeMilliseconds),
        ]
        results += addContents(to: root, handle)
        results.append(ccurl_mime(handle, root))
        if configuration.requiresTLS || configuration.password != nil {
            results.append(ccurl_long(handle, CURLOPT_USE_SSL, ccurl_require_tls()))
        }
        if let user = configuration.user { results.append(ccurl_text(handle, CURLOPT_USERNAME, user)) }
        if let password = configuration.password { results.append(ccurl_text(handle, CURLOPT_PASSWORD, password)) }
        return results
    }

    private func addContents(to root: OpaquePointer?, _ handle: UnsafeMutableRawPointer) -> [CURLcode] {
        var results: [CURLcode] = []
        if let html = message.html {
            let both = curl_mime_init(handle)
            let part = curl_mime_addpart(root)
            results += add(Array(message.text.utf8), "text/plain; charset=utf-8", to: both)
            results += add(Array(html.utf8), "text/html; charset=utf-8", to: both)
            results.append(curl_mime_subparts(part, both))
            results.append(curl_mime_type(part, "multipart/alternative"))
        } else {
            results += add(Array(message.text.utf8), "text/plain; charset=utf-8", to: root)
        }
        for attachment in message.attachments {
            // libcurl's own file name would be raw 8-bit.
            let name = "Content-Disposition: attachment; filename*=UTF-8''\(MailText.percentEncoded(attachment.name))"
            results += add(attachment.bytes, attachment.type, to: root, header: name)
        }
        return results
    }

    private func add(_ bytes: [UInt8], _ type: String, to mime: OpaquePointer?, header: String? = nil) -> [CURLcode] {
        let part = curl_mime_addpart(mime)
        var results = [
            bytes.withUnsafeBytes { curl_mime_data(part, $0.bindMemory(to: CChar.self).baseAddress, $0.count) },
            curl_mime_type(part, type), curl_mime_encoder(part, "base64"),
        ]
        if let header { results.append(curl_mime_headers(part, curl_slist_append(nil, header), 1)) }
        return results
    }
}

/// Words in mail headers.
enum MailText {
    /// Plain ASCII stays; anything else becomes encoded words (RFC 2047) of at most 42 source bytes, folded, no character split.
    static func word(_ text: String) -> String {
        let plain =
            text.utf8.count <= 60 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) || $0 == 0x20 }
        if plain { return text }
        var words: [String] = []
        var current: [UInt8] = []
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if current.count + bytes.count > 42 {
                words.append(encoded(current))
                current = []
            }
            current += bytes
        }
        words.append(encoded(current))
        return words.joined(separator: "\r\n ")
    }

    private static func encoded(_ bytes: [UInt8]) -> String { "=?UTF-8?B?\(base64(bytes))?=" }

    /// Small and here, because HTTP does not stand on Crypto.
    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for position in 0...group.count { text.append(alphabet[bits >> (18 - 6 * position) & 63]) }
            text += String(repeating: "=", count: 3 - group.count)
        }
        return text
    }

    static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || "-._~".utf8.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
