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

    /// Folded before the address, which may be long.
    var header: String { name.map { MailText.word($0) + "\r\n <\(address)>" } ?? address }
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
    /// 4xx or 5xx. Whether that concerns the letter or the server depends on when it was said, and how.
    case declined(MailReply)
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
        /// The name we give ourselves: many servers refuse one without a dot. nil: the domain of the letter's sender, unless the URL
        /// has a path, which libcurl takes for the name.
        public var hello: String?
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
    ///
    /// A server closes a connection that was idle for some minutes, with 421 or without a word: the letter that finds it closed
    /// is sent over a new one at once.
    public func send(_ message: MailMessage) async throws -> MailOutcome {
        var plan = try MailPlan(message, configuration)
        do {
            let (outcome, mayBeRepeated) = try await attempt(plan)
            if !mayBeRepeated { return outcome }
        } catch let error as HTTPClientError where error.idleConnectionWasClosed {
            // Below, over a new one.
        }
        plan.wantsNewConnection = true
        return try await attempt(plan).outcome
    }

    private func attempt(_ plan: MailPlan) async throws -> (outcome: MailOutcome, mayBeRepeated: Bool) {
        let end = try await client.run(Transfer(.mail(plan), limit: 1 << 16))
        guard let reply = end.mailReply else { return (.accepted, false) }
        return (.declined(reply), end.wasOnUsedConnection && reply.status == 421)
    }
}

/// A letter ready for libcurl.
struct MailPlan: Sendable {
    private let message: MailMessage
    private let configuration: MailSender.Configuration
    private let headers: [String]
    /// Not over a connection that is open already.
    var wantsNewConnection = false

    init(_ message: MailMessage, _ configuration: MailSender.Configuration) throws(HTTPClientError) {
        guard HeaderText.isValue(message.subject), HeaderText.isToken(message.id) else {
            throw HTTPClientError(.badRequest, "mail subject or id")
        }
        guard configuration.hello.map(HeaderText.isToken) ?? true else { throw HTTPClientError(.badRequest, "mail greeting name") }
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
            ccurl_text(handle, CURLOPT_URL, url), ccurl_text(handle, CURLOPT_MAIL_FROM, "<\(message.from.address)>"),
            ccurl_list(handle, CURLOPT_MAIL_RCPT, recipients), ccurl_list(handle, CURLOPT_HTTPHEADER, list),
            ccurl_long(handle, CURLOPT_TIMEOUT_MS, configuration.timeout.wholeMilliseconds),
        ]
        if wantsNewConnection { results.append(ccurl_long(handle, CURLOPT_FRESH_CONNECT, 1)) }
        results += addContents(to: root, handle)
        results.append(ccurl_mime(handle, root))
        if configuration.requiresTLS || configuration.password != nil {
            results.append(ccurl_long(handle, CURLOPT_USE_SSL, ccurl_require_tls()))
        }
        if let user = configuration.user { results.append(ccurl_text(handle, CURLOPT_USERNAME, user)) }
        if let password = configuration.password { results.append(ccurl_text(handle, CURLOPT_PASSWORD, password)) }
        return results
    }

    /// The server's, with the name we greet it with as its path. libcurl's own choice would be this host's name, which in a
    /// container has no dot.
    private var url: String {
        let url = configuration.url
        let host = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        if host.contains("/") && !host.hasSuffix("/") { return url }
        let name = configuration.hello ?? message.from.address.split(separator: "@").last.map(String.init) ?? ""
        return url + (host.hasSuffix("/") ? "" : "/") + name
    }

    private func addContents(to root: OpaquePointer?, _ handle: UnsafeMutableRawPointer) -> [CURLcode] {
        var results: [CURLcode] = []
        if let html = message.html {
            let both = curl_mime_init(handle)
            let part = curl_mime_addpart(root)
            results += add(MailText.canonical(message.text), "text/plain; charset=utf-8", to: both)
            results += add(MailText.canonical(html), "text/html; charset=utf-8", to: both)
            results.append(curl_mime_subparts(part, both))
            results.append(curl_mime_type(part, "multipart/alternative"))
        } else {
            results += add(MailText.canonical(message.text), "text/plain; charset=utf-8", to: root)
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
