import CLibpq
import EventLoop
import Glibc
import Telemetry

extension PostgresConnection {
    /// Makes the connection without blocking the loop, and enters pipeline mode.
    func connect() async throws(PostgresError) {
        let deadline = ContinuousClock.now + configuration.connectTimeout
        let parameters = try await ConnectionParameters(configuration).resolved()
        guard let pointer = parameters.start() else { throw PostgresError(.connection, "out of memory") }
        handle = ConnectionHandle(pointer)
        do {
            try await poll(pointer, until: deadline)
            try prepareSession(pointer)
        } catch {
            if socket >= 0 { loop.forget(socket) }
            handle = nil
            throw error
        }
    }

    /// libpq says what it waits for; its socket may change from one address to the next.
    private func poll(_ pointer: OpaquePointer, until deadline: ContinuousClock.Instant) async throws(PostgresError) {
        guard PQstatus(pointer) != CONNECTION_BAD else { throw connectionError(pointer) }
        var interest: Readiness = .writable
        while true {
            socket = PQsocket(pointer)
            let ready: Readiness
            do { ready = try await loop.wait(socket, for: interest, until: deadline) } catch { throw .cancelled }
            if ready.isEmpty { throw PostgresError(.timeout, "no connection within \(configuration.connectTimeout)") }
            // libpq may close the socket in there, and its number may be another's before we hear of it.
            loop.forget(socket)
            socket = -1
            switch PQconnectPoll(pointer) {
            case PGRES_POLLING_READING: interest = .readable
            case PGRES_POLLING_WRITING: interest = .writable
            case PGRES_POLLING_OK: return
            default: throw connectionError(pointer)
            }
        }
    }

    private func prepareSession(_ pointer: OpaquePointer) throws(PostgresError) {
        socket = PQsocket(pointer)
        guard PQsetnonblocking(pointer, 1) == 0, PQenterPipelineMode(pointer) == 1 else { throw connectionError(pointer) }
        // The receiver is given no object: it outlives nothing and needs only the process's log.
        PQsetNoticeReceiver(pointer, { NoticeLog.receive($0, $1) }, Unmanaged.passUnretained(meter).toOpaque())
    }
}

/// The server's notices and warnings, into the log.
enum NoticeLog {
    /// libpq's one callback. The argument is the connection's meter, which the connection keeps alive.
    static func receive(_ argument: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
        guard let argument, let result else { return }
        let log = Unmanaged<PostgresMeter>.fromOpaque(argument).takeUnretainedValue().log
        let message = cpq_message(result).map { String(cString: $0) } ?? ""
        let severity = cpq_severity(result).map { String(cString: $0) } ?? ""
        let state = cpq_sqlstate(result).map { String(cString: $0) } ?? ""
        switch severity {
        case "WARNING", "ERROR", "FATAL", "PANIC":
            log.warning("postgres says", ["severity": .string(severity), "message": .string(message), "sqlstate": .string(state)])
        default:
            log.debug("postgres says", ["severity": .string(severity), "message": .string(message), "sqlstate": .string(state)])
        }
    }
}

/// libpq's keywords and values, ours added.
struct ConnectionParameters: Sendable {
    private var values: [String: String]

    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        values = try Self.parse(configuration.conninfo)
        var options = [
            "-c statement_timeout=\(configuration.statementTimeout.wholeMilliseconds)",
            "-c idle_in_transaction_session_timeout=\(configuration.idleTransactionTimeout.wholeMilliseconds)",
            "-c TimeZone=UTC",
        ]
        // What comes last wins: the operator over our habits, what this pool cannot do without over the operator.
        if let written = values["options"] { options.append(written) }
        options += configuration.settings.map { "-c \($0.name)=\($0.value)" }
        values["options"] = options.joined(separator: " ")
        values["application_name"] = values["application_name"] ?? configuration.applicationName
        values["client_encoding"] = "UTF8"
        // Looking for Kerberos tickets reads files and may ask a name server.
        values["gssencmode"] = values["gssencmode"] ?? "disable"
        if let database = configuration.databaseOverride { values["dbname"] = database }
        if let password = configuration.password { values["password"] = password }
    }

    private static func parse(_ conninfo: String) throws(PostgresError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(conninfo, &message) else {
            // libpq's message may repeat the string, and with it the password.
            if let message { PQfreemem(message) }
            throw PostgresError(.usage, "the connection string cannot be read")
        }
        defer { PQconninfoFree(options) }
        var found = collect(options)
        if found["host"] == nil, found["hostaddr"] == nil, let host = getenv("PGHOST") { found["host"] = String(cString: host) }
        return found
    }

    private static func collect(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var found: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { found[String(cString: keyword)] = String(cString: value) }
            option = option.advanced(by: 1)
        }
        return found
    }

    /// Names replaced by addresses, because libpq would look them up on the loop's thread.
    func resolved() async throws(PostgresError) -> ConnectionParameters {
        guard values["hostaddr"] == nil, let host = values["host"] else { return self }
        let hosts = host.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if hosts.allSatisfy({ Self.isDirect($0) }) { return self }
        let ports = (values["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        var entries: [(host: String, address: String, port: String)] = []
        for (index, name) in hosts.enumerated() {
            let port = index < ports.count ? ports[index] : ports.count == 1 ? ports[0] : ""
            if name.hasPrefix("/") || name.hasPrefix("@") || name.isEmpty {
                entries.append((name, "", port))
                continue
            }
            for address in await OwnThread.run("pg-lookup", { Self.addresses(of: name) }) { entries.append((name, address, port)) }
        }
        guard !entries.isEmpty else { throw PostgresError(.connection, "no address for host \(host)") }
        var copy = self
        copy.values["host"] = entries.map(\.host).joined(separator: ",")
        copy.values["hostaddr"] = entries.map(\.address).joined(separator: ",")
        copy.values["port"] = entries.map(\.port).joined(separator: ",")
        return copy
    }

    /// A socket's directory, or a literal address: nothing to look up.
    private static func isDirect(_ host: String) -> Bool {
        if host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") { return true }
        var buffer = in6_addr()
        return inet_pton(AF_INET, host, &buffer) == 1 || inet_pton(AF_INET6, host, &buffer) == 1
    }

    private static func addresses(of host: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var entry = list
        while let info = entry {
            var text = [CChar](repeating: 0, count: 64)
            if getnameinfo(info.pointee.ai_addr, info.pointee.ai_addrlen, &text, 64, nil, 0, NI_NUMERICHOST) == 0 {
                found.append(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
            }
            entry = info.pointee.ai_next
        }
        return found
    }

    func start() -> OpaquePointer? {
        let sorted = values.sorted { $0.key < $1.key }
        return withCStrings(sorted.map(\.key)) { keywords in
            withCStrings(sorted.map(\.value)) { PQconnectStartParams(keywords, $0, 0) }
        }
    }
}

/// A C array of C strings with NULL at its end, alive for the call.
private func withCStrings<Answer>(_ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> Answer) -> Answer {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { UnsafePointer($0) } + [nil])
}
