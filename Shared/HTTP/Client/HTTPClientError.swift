internal import CCurl

/// Why there is no answer. (An answer with status 500 is an answer.) A cancelled task gets `CancellationError` instead.
public struct HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An open set.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }

        /// The request itself is not sendable: URL, header or address with forbidden characters, unknown scheme.
        public static let badRequest = Code("bad-request")
        /// The address policy refuses every address of the host.
        public static let addressRefused = Code("address-refused")
        public static let unresolved = Code("host-unresolved")
        public static let notConnected = Code("not-connected")
        /// The certificate does not fit, or the server offers no TLS where it is demanded.
        public static let tls = Code("tls")
        public static let timeout = Code("timeout")
        /// More bytes than the caller takes.
        public static let tooLarge = Code("too-large")
        /// The connection broke before the end of the answer.
        public static let cut = Code("cut")
        /// User name and password were refused.
        public static let login = Code("login")
        /// The client was closed.
        public static let closed = Code("closed")
        public static let transport = Code("transport")
    }
    public let code: Code
    public let detail: String
    /// libcurl's own number, 0 when it was not asked.
    public let number: Int
    /// Of a letter: all of it may have left before this happened, so nobody knows whether it was taken. False: it surely was not.
    public internal(set) var mayHaveBeenTaken = false
    /// Of a letter: how far its conversation had come.
    public internal(set) var mailPhase: MailPhase?
    /// Of a letter: the connection was one that an earlier letter had left open, and nothing was heard on it any more.
    var idleConnectionWasClosed = false

    init(_ code: Code, _ detail: String, number: Int = 0) {
        self.code = code
        self.detail = detail
        self.number = number
    }

    /// Whether the same request may succeed later. The server may have acted on it all the same.
    public var isRetriable: Bool { ![.badRequest, .addressRefused, .tooLarge, .login].contains(code) }

    public var description: String { "\(code): \(detail)" }

    init(_ result: CURLcode, refused: IPAddress?) {
        let text = String(cString: curl_easy_strerror(result))
        let number = Int(result.rawValue)
        if let refused, result == CURLE_COULDNT_CONNECT {
            self.init(.addressRefused, "\(refused) is not an allowed address", number: number)
            return
        }
        let code: Code =
            switch result {
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badRequest
            case CURLE_COULDNT_RESOLVE_HOST: .unresolved
            case CURLE_COULDNT_CONNECT: .notConnected
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_FILESIZE_EXCEEDED: .tooLarge
            case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR: .cut
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_USE_SSL_FAILED, CURLE_SSL_CACERT_BADFILE: .tls
            case CURLE_LOGIN_DENIED: .login
            default: .transport
            }
        self.init(code, text, number: number)
    }
}
