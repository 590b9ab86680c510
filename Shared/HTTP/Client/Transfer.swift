internal import CCurl
internal import Glibc
internal import Synchronization

/// One exchange on its way through the engine. Only the engine's thread touches it, apart from `cancelled` and `arm` (before the start).
final class Transfer: @unchecked Sendable {
    enum Kind {
        case http(RequestPlan)
        case mail(MailPlan)
    }
    struct Outcome: Sendable {
        var status = 0
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
        /// Of a letter: the word that refused it.
        var mailReply: MailReply?
        var wasOnUsedConnection = false
    }

    let cancelled = Atomic(false)
    private(set) var handle: UnsafeMutableRawPointer?
    private let kind: Kind
    private let limit: Int
    private let stream: StreamBuffer?
    private let idle: Duration?
    private var continuation: CheckedContinuation<Outcome, any Error>?
    private var policy = AddressPolicy.publicOnly
    private var refused: IPAddress?
    private var outcome = Outcome()
    private var headIsComplete = false
    private var headerBytes = 0
    private var tooLarge = false
    private var mayHaveBeenTaken = false
    private var dialogue = MailDialogue()
    private var lists: [UnsafeMutablePointer<curl_slist>?] = []
    private var mime: OpaquePointer?

    init(_ kind: Kind, limit: Int, stream: StreamBuffer? = nil, idle: Duration? = nil) {
        self.kind = kind
        self.limit = limit
        self.stream = stream
        self.idle = idle
    }

    func arm(_ continuation: CheckedContinuation<Outcome, any Error>) { self.continuation = continuation }

    /// Before the handle is put away: whether a letter's end may have left. The server said 354 and nothing since, and all bytes
    /// were handed to the connection. What follows them, the dot alone, is counted by some versions of libcurl and not by others.
    func measure() {
        guard case .mail = kind, let handle, ccurl_response_code(handle) == Self.goAhead else { return }
        let size = ccurl_upload_size(handle)
        mayHaveBeenTaken = size < 0 || ccurl_uploaded(handle) >= size
    }

    /// SMTP's answer to DATA.
    private static let goAhead = 354

    func fail(_ error: any Error) {
        var error = error
        if case .mail = kind, var known = error as? HTTPClientError {
            known.mayHaveBeenTaken = mayHaveBeenTaken
            known.mailPhase = dialogue.phase
            known.idleConnectionWasClosed = dialogue.isOnUsedConnection && dialogue.phase == .sender && dialogue.reply == nil
            error = known
        }
        stream?.finish(error)
        continuation?.resume(throwing: error)
        continuation = nil
    }

    func complete(_ result: CURLcode, status: Int) {
        outcome.status = status
        if tooLarge {
            fail(HTTPClientError(.tooLarge, "more than \(limit) bytes", number: Int(result.rawValue)))
        } else if case .mail = kind, let reply = dialogue.reply, reply.status >= 400 {
            // The server's word counts more than libcurl's: refusals come with several result codes.
            outcome.mailReply = reply
            outcome.wasOnUsedConnection = dialogue.isOnUsedConnection
            succeed()
        } else if result == CURLE_OK {
            succeed()
        } else {
            fail(HTTPClientError(result, refused: refused))
        }
    }

    private func succeed() {
        stream?.finish(nil)
        continuation?.resume(returning: outcome)
        continuation = nil
    }

    func release() {
        for list in lists { curl_slist_free_all(list) }
        lists = []
        if let mime { curl_mime_free(mime) }
        mime = nil
        handle = nil
    }

    // MARK: set-up

    func configure(_ handle: UnsafeMutableRawPointer, _ configuration: HTTPClient.Configuration) throws(HTTPClientError) {
        policy = configuration.policy
        let me = Unmanaged.passUnretained(self).toOpaque()
        var results: [CURLcode] = [
            ccurl_long(handle, CURLOPT_NOSIGNAL, 1), ccurl_text(handle, CURLOPT_PROXY, ""),
            ccurl_long(handle, CURLOPT_FOLLOWLOCATION, 0), ccurl_long(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1),
            ccurl_long(handle, CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.wholeMilliseconds),
            ccurl_long(handle, CURLOPT_SSLVERSION, ccurl_tls12()),
            ccurl_open(handle, openGuardedSocket), ccurl_pointer(handle, CURLOPT_OPENSOCKETDATA, me),
            ccurl_data(handle, CURLOPT_WRITEFUNCTION, receiveBody), ccurl_pointer(handle, CURLOPT_WRITEDATA, me),
            ccurl_data(handle, CURLOPT_HEADERFUNCTION, receiveHeader), ccurl_pointer(handle, CURLOPT_HEADERDATA, me),
        ]
        if let file = configuration.certificateAuthorities { results.append(ccurl_text(handle, CURLOPT_CAINFO, file)) }
        switch kind {
        case .http(let plan): results += configure(handle, plan)
        case .mail(let plan):
            // libcurl says the conversation's last number, but not on which command it was.
            results += [
                ccurl_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps"), ccurl_listen(handle, hearDialogue),
                ccurl_pointer(handle, CURLOPT_DEBUGDATA, me), ccurl_long(handle, CURLOPT_VERBOSE, 1),
            ]
            results += plan.configure(handle, lists: &lists, mime: &mime)
        }
        guard let failure = results.first(where: { $0 != CURLE_OK }) else {
            self.handle = handle
            return
        }
        release()
        throw HTTPClientError(.badRequest, String(cString: curl_easy_strerror(failure)), number: Int(failure.rawValue))
    }

    private func configure(_ handle: UnsafeMutableRawPointer, _ plan: RequestPlan) -> [CURLcode] {
        let list = plan.headers.reduce(nil) { curl_slist_append($0, $1) }
        lists.append(list)
        var results: [CURLcode] = [
            ccurl_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"), ccurl_text(handle, CURLOPT_URL, plan.url),
            ccurl_list(handle, CURLOPT_HTTPHEADER, list),
        ]
        if plan.method == "HEAD" {
            results.append(ccurl_long(handle, CURLOPT_NOBODY, 1))
        } else if !plan.body.isEmpty || ["POST", "PUT", "PATCH"].contains(plan.method) {
            results.append(ccurl_long(handle, CURLOPT_POST, 1))
            results.append(ccurl_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(plan.body.count)))
            results.append(plan.body.withUnsafeBytes { ccurl_bytes(handle, $0.baseAddress ?? UnsafeRawPointer(bitPattern: 1)) })
        }
        if !["GET", "HEAD", "POST"].contains(plan.method) || plan.method == "GET" && !plan.body.isEmpty {
            results.append(ccurl_text(handle, CURLOPT_CUSTOMREQUEST, plan.method))
        }
        if stream == nil {
            results.append(ccurl_long(handle, CURLOPT_TIMEOUT_MS, plan.timeout.wholeMilliseconds))
            results.append(ccurl_size(handle, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(limit)))
        } else if let idle {
            results.append(ccurl_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1))
            results.append(ccurl_long(handle, CURLOPT_LOW_SPEED_TIME, max(1, Int(idle.components.seconds))))
        }
        return results
    }

    // MARK: what libcurl calls, on the engine's thread

    /// The count taken, or the sign to pause, or less than given: then libcurl ends the transfer.
    fileprivate func body(_ bytes: UnsafeRawBufferPointer) -> Int {
        if let stream { return stream.append(bytes) ? bytes.count : ccurl_pause() }
        // A chunked body announces no length, so it is counted as well.
        guard outcome.body.count + bytes.count <= limit else {
            tooLarge = true
            return 0
        }
        outcome.body.append(contentsOf: bytes)
        return bytes.count
    }

    fileprivate func header(_ bytes: UnsafeRawBufferPointer) -> Int {
        headerBytes += bytes.count
        guard headerBytes <= 65_536 else {
            tooLarge = true
            return 0
        }
        let line = String(decoding: bytes, as: UTF8.self).filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" }
        if line.hasPrefix("HTTP/") {
            // An interim answer (103) comes before the final one through the same door.
            outcome.headers = []
            headIsComplete = false
            if let handle { outcome.status = ccurl_response_code(handle) }
        } else if line.isEmpty {
            completeHead()
        } else if !headIsComplete, let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            outcome.headers.append((line[..<colon].lowercased(), String(value)))
        }
        return bytes.count
    }

    fileprivate func hear(_ type: curl_infotype, _ bytes: UnsafeRawBufferPointer) {
        switch type {
        case CURLINFO_HEADER_OUT: dialogue.sent(bytes)
        case CURLINFO_HEADER_IN: dialogue.received(bytes)
        default: break
        }
    }

    private func completeHead() {
        headIsComplete = outcome.status >= 200
        guard headIsComplete, stream != nil else { return }
        continuation?.resume(returning: outcome)
        continuation = nil
    }

    fileprivate func socket(for address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return ccurl_no_socket() }
        // Behind `addr` lies more than the type says: an IPv6 address is longer than `sockaddr`.
        let raw = UnsafeRawPointer(address) + offset
        guard let found = IPAddress(sockaddr: raw, length: Int(address.pointee.addrlen)) else { return ccurl_no_socket() }
        guard policy.allows(found) else {
            refused = found
            return ccurl_no_socket()
        }
        let type = address.pointee.socktype | CInt(SOCK_CLOEXEC.rawValue)
        return Glibc.socket(address.pointee.family, type, address.pointee.`protocol`)
    }
}

private func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    guard let context else { return 0 }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().body(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    guard let context else { return 0 }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().header(UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func hearDialogue(
    _ handle: UnsafeMutableRawPointer?, _ type: curl_infotype, _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> CInt {
    guard let context else { return 0 }
    Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().hear(type, UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}

private func openGuardedSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context, let address else { return ccurl_no_socket() }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().socket(for: address)
}

extension Duration {
    /// At least 1: libcurl takes 0 for "no limit".
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let (whole, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000)
        guard !overflow, whole < Int(Int32.max) else { return Int(Int32.max) }
        return max(1, whole + Int(attoseconds / 1_000_000_000_000_000))
    }
}
