import CPosix
import EventLoop
import Glibc
import Telemetry

/// One listening socket. The loop's thread only.
final class Listener {
    let watch: Watch
    let port: Int
    /// What the last `next` met, when it returned nothing though the socket is fine or not.
    private(set) var trouble: CInt?

    private init(watch: Watch, port: Int) {
        self.watch = watch
        self.port = port
    }

    /// Opens every address of the configuration on one port.
    static func open(_ configuration: HTTPServerConfiguration, on loop: EventLoop) throws(HTTPServerError) -> [Listener] {
        let hosts = configuration.hosts.flatMap { $0 == "localhost" ? ["127.0.0.1", "::1"] : [$0] }
        var listeners: [Listener] = []
        for host in hosts {
            do throws(HTTPServerError) {
                listeners.append(try open(host, port: listeners.first?.port ?? configuration.port, on: loop))
            } catch {
                // A machine without IPv6 still has localhost.
                if host == "::1", configuration.hosts.contains("localhost"), !listeners.isEmpty { continue }
                for listener in listeners { listener.watch.close() }
                throw error
            }
        }
        return listeners
    }

    private static func open(_ host: String, port: Int, on loop: EventLoop) throws(HTTPServerError) -> Listener {
        guard var address = SocketAddress(host, port: port) else {
            throw HTTPServerError(.listen, "\(host) port \(port) is no numeric address")
        }
        let fd = cpx_stream_socket(address.isIPv6 ? AF_INET6 : AF_INET)
        guard fd >= 0 else { throw HTTPServerError(.listen, SystemError(call: "socket").description) }
        Socket.set(fd, level: SOL_SOCKET, SO_REUSEADDR)
        if address.isIPv6 { Socket.set(fd, level: CInt(IPPROTO_IPV6), IPV6_V6ONLY) }
        guard address.withPointer({ bind(fd, $0, $1) }) == 0, Glibc.listen(fd, 4096) == 0 else {
            let error = SystemError(call: "bind")
            close(fd)
            throw HTTPServerError(.listen, "\(host) port \(port): \(error)")
        }
        do throws(SystemError) { return Listener(watch: try loop.watch(fd), port: boundPort(fd)) } catch {
            close(fd)
            throw HTTPServerError(.listen, "\(error)")
        }
    }

    private static func boundPort(_ fd: CInt) -> Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &storage) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(fd, $0, &length) }
        }
        return SocketAddress(storage).port
    }

    /// The next connection of the backlog; nil when there is none now, or `trouble` says why not.
    func next(_ loop: EventLoop) -> (Watch, String)? {
        trouble = nil
        while watch.fd >= 0 {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let fd = cpx_accept(watch.fd, &storage, &length)
            guard fd >= 0 else {
                let code = cpx_errno()
                if code == EINTR || code == ECONNABORTED { continue }
                if code == EAGAIN { watch.readable = false } else { trouble = code }
                return nil
            }
            Socket.set(fd, level: CInt(IPPROTO_TCP), TCP_NODELAY)
            guard let watch = try? loop.watch(fd) else {
                close(fd)
                continue
            }
            return (watch, SocketAddress(storage).host)
        }
        return nil
    }
}

extension HTTPServer {
    /// How long accepting rests when the process or the system has no descriptor left.
    private static var pause: Duration { .milliseconds(100) }

    func accept(from listener: Listener) async {
        var accepted = 0
        while listener.watch.fd >= 0 {
            await waitForPlace()
            if let (watch, peer) = listener.next(loop) {
                serve(watch, peer: peer)
                accepted += 1
                if accepted.isMultiple(of: 64) { await Task.yield() }
            } else if let code = listener.trouble {
                log.warning("cannot accept", ["errno": .int(Int(code))])
                try? await loop.sleep(for: Self.pause)
            } else if await listener.watch.wait(for: .readable) == .gone {
                return
            }
        }
    }
}
