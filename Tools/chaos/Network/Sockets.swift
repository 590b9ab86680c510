import CPosix
import Glibc

/// Sockets of this machine, non-blocking.
enum Sockets {
    /// Listens on a loopback port that the system chooses.
    static func listen() throws -> (descriptor: CInt, port: UInt16) {
        let descriptor = cpx_stream_socket(AF_INET)
        guard descriptor >= 0, withLoopback(0, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 128) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            throw Failure("no port to listen on: \(String(cString: strerror(cpx_errno())))")
        }
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        return (descriptor, UInt16(bigEndian: bound.sin_port))
    }

    /// Begins a connection; -1 when it is refused at once.
    static func connect(_ target: Target) -> CInt {
        switch target {
        case .port(let port):
            let descriptor = cpx_stream_socket(AF_INET)
            guard descriptor >= 0 else { return -1 }
            setNoDelay(descriptor)
            return settle(descriptor, withLoopback(port) { Glibc.connect(descriptor, $0, $1) })
        case .path(let path):
            let descriptor = cpx_stream_socket(AF_UNIX)
            guard descriptor >= 0 else { return -1 }
            return settle(descriptor, withPath(path) { Glibc.connect(descriptor, $0, $1) })
        }
    }

    static func setNoDelay(_ descriptor: CInt) {
        var one: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Closing it from now on tells the other side with a reset instead of an end.
    static func makeAbrupt(_ descriptor: CInt) {
        var abrupt = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abrupt, socklen_t(MemoryLayout<linger>.size))
    }

    private static func settle(_ descriptor: CInt, _ result: CInt) -> CInt {
        if result == 0 || cpx_errno() == EINPROGRESS { return descriptor }
        close(descriptor)
        return -1
    }

    private static func withLoopback(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    private static func withPath(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            for (place, byte) in path.utf8.prefix(bytes.count - 1).enumerated() { bytes[place] = byte }
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}

/// Where a link leads.
enum Target: Sendable, Hashable {
    /// On loopback.
    case port(UInt16)
    /// A socket in the file system.
    case path(String)
}
