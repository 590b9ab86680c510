import CPosix
public import EventLoop
import Glibc
import Synchronization

/// A client that sends any bytes whatever, for tests of servers: nothing is checked, repaired or sent by itself.
///
/// Waits on an event loop, so it blocks no thread of the test's pool. Every wait ends at `patience`.
public final class RawHTTP: Sendable {
    /// Why a test's exchange went no further.
    public enum Failure: Error, Sendable, Hashable {
        case connect(CInt)
        case timeout
        /// The server reset the connection.
        case reset
        /// The server closed in the middle of a response.
        case cutShort
        case malformed(String)
    }

    private let fd: CInt
    private let loop: EventLoop
    private let patience: Duration
    private let buffer = Mutex<[UInt8]>([])

    private init(fd: CInt, loop: EventLoop, patience: Duration) {
        self.fd = fd
        self.loop = loop
        self.patience = patience
    }

    deinit { close() }

    /// Connects over IPv4 or IPv6 loopback. `receiveBuffer` in bytes makes a client that takes little before it reads.
    public static func connect(
        port: Int, ipv6: Bool = false, receiveBuffer: Int? = nil, patience: Duration = .seconds(15),
        on loop: EventLoop = .shared
    ) async throws -> RawHTTP {
        let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let fd = socket(ipv6 ? AF_INET6 : AF_INET, type, 0)
        guard fd >= 0 else { throw Failure.connect(cpx_errno()) }
        let client = RawHTTP(fd: fd, loop: loop, patience: patience)
        if let receiveBuffer { option(fd, SOL_SOCKET, SO_RCVBUF, CInt(receiveBuffer)) }
        option(fd, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
        if ipv6 ? connect6(fd, port) : connect4(fd, port) { return client }
        guard cpx_errno() == EINPROGRESS else { throw Failure.connect(cpx_errno()) }
        guard !(try await loop.wait(fd, for: .writable, until: .now + patience)).isEmpty else { throw Failure.timeout }
        var code: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length)
        guard code == 0 else { throw Failure.connect(code) }
        return client
    }

    private static func connect4(_ fd: CInt, _ port: Int) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func connect6(_ fd: CInt, _ port: Int) -> Bool {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }

    private static func option(_ fd: CInt, _ level: CInt, _ name: CInt, _ value: CInt) {
        var value = value
        setsockopt(fd, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    // MARK: sending

    public func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Sends all of it; throws `reset` when the server closed.
    public func send(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(fd, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if cpx_errno() == EAGAIN {
                try await wait(.writable)
            } else {
                throw Failure.reset
            }
        }
    }

    /// Every byte in a packet of its own.
    public func sendByteByByte(_ bytes: [UInt8]) async throws {
        for byte in bytes { try await send([byte]) }
    }

    /// Closes the sending half.
    public func endSending() { _ = shutdown(fd, CInt(SHUT_WR)) }

    /// Closes with a reset.
    public func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        _ = shutdown(fd, CInt(SHUT_RDWR))
    }

    private func close() {
        let (fd, loop) = (fd, loop)
        // Both on the loop: the number may be another socket's a moment later.
        loop.execute {
            loop.forget(fd)
            _ = Glibc.close(fd)
        }
    }

    // MARK: receiving

    /// The next response, which must be well framed. `toHead`: the request was HEAD, so no body follows.
    public func response(toHead: Bool = false) async throws -> RawResponse {
        var needed = 0
        while true {
            // A large body is looked at when it is there, not with every piece.
            if needed > buffer.withLock({ $0.count }) {
                guard try await receive() else { throw Failure.cutShort }
                continue
            }
            let bytes = buffer.withLock { $0 }
            if !toHead { needed = try RawResponse.declaredLength(bytes) ?? 0 }
            if needed > bytes.count { continue }
            if let (response, used) = try RawResponse.parse(bytes, toHead: toHead, atEnd: false) {
                buffer.withLock { $0.removeFirst(used) }
                return response
            }
            guard try await receive() else {
                guard let (response, _) = try RawResponse.parse(bytes, toHead: toHead, atEnd: true) else { throw Failure.cutShort }
                buffer.withLock { $0 = [] }
                return response
            }
        }
    }

    /// All responses until the server closes; what is left must be nothing.
    public func responsesToEnd() async throws -> [RawResponse] {
        let bytes = try await bytesToEnd()
        var rest = bytes
        var all: [RawResponse] = []
        while !rest.isEmpty {
            guard let (response, used) = try RawResponse.parse(rest, toHead: false, atEnd: true) else { throw Failure.cutShort }
            all.append(response)
            rest.removeFirst(used)
        }
        return all
    }

    /// The whole responses that came before the server closed, in whatever way it did so.
    public func responsesUntilClosed() async -> [RawResponse] {
        while (try? await receive()) == true {}
        var rest = buffer.withLock { $0 }
        var all: [RawResponse] = []
        while let (response, used) = try? RawResponse.parse(rest, toHead: false, atEnd: false) {
            all.append(response)
            rest.removeFirst(used)
        }
        return all
    }

    /// Everything until the server closes. Throws `reset` when it does not do so in order.
    public func bytesToEnd() async throws -> [UInt8] {
        while try await receive() {}
        return buffer.withLock { bytes in
            defer { bytes = [] }
            return bytes
        }
    }

    /// Waits until what arrived contains `text`, and returns everything up to its end.
    public func bytes(through text: String) async throws -> [UInt8] {
        let wanted = Array(text.utf8)
        while true {
            let found: [UInt8]? = buffer.withLock { bytes in
                guard let range = bytes.firstRange(of: wanted) else { return nil }
                defer { bytes.removeFirst(range.upperBound) }
                return Array(bytes[..<range.upperBound])
            }
            if let found { return found }
            guard try await receive() else { throw Failure.cutShort }
        }
    }

    /// False at the end of the stream.
    private func receive() async throws -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(fd, &piece, piece.count, 0)
            if count > 0 {
                buffer.withLock { $0 += piece[..<count] }
                return true
            }
            if count == 0 { return false }
            guard cpx_errno() == EAGAIN else { throw Failure.reset }
            try await wait(.readable)
        }
    }

    private func wait(_ interest: Readiness) async throws {
        guard !(try await loop.wait(fd, for: interest, until: .now + patience)).isEmpty else { throw Failure.timeout }
    }
}
