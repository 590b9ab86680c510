import CPosix
import EventLoop
import Glibc
import Synchronization

/// A fixed address in front of a broker whose port the system chose: bytes in, bytes out. Clients use it for their first
/// question only, so throughput is of no concern.
final class BootstrapRelay: Sendable {
    let port: UInt16
    private let loop: EventLoop
    private let accepting: Mutex<Task<Void, Never>?>

    /// Listens on 127.0.0.1:`port` (0: the system chooses) and connects to the first of `servers` (`host:port,…`, loopback).
    init(port: UInt16, to servers: String, on loop: EventLoop) throws(KafkaError) {
        guard let first = servers.split(separator: ",").first?.split(separator: ":").last, let target = UInt16(first) else {
            throw KafkaError(.invalidArgument, operation: "relay", message: "no port in \(servers)")
        }
        let (listener, bound) = try Self.listen(port)
        self.port = bound
        self.loop = loop
        let task = Task(executorPreference: loop) { await Self.accept(listener, target, loop) }
        accepting = Mutex(task)
    }

    /// Stops listening; connections end with their peers.
    func close() {
        accepting.withLock { $0 }?.cancel()
    }

    private static func accept(_ listener: CInt, _ target: UInt16, _ loop: EventLoop) async {
        await withDiscardingTaskGroup { connections in
            while let readiness = try? await loop.wait(listener, for: .readable), !readiness.contains(.hangup) {
                let client = cpx_accept(listener, nil, nil)
                if client < 0 { continue }
                connections.addTask(executorPreference: loop) { await carry(client, target, loop) }
            }
            loop.forget(listener)
            Glibc.close(listener)
            connections.cancelAll()
        }
    }

    private static func carry(_ client: CInt, _ target: UInt16, _ loop: EventLoop) async {
        let broker = connect(target)
        guard broker >= 0 else {
            Glibc.close(client)
            return
        }
        // The loop keeps one waiter per descriptor, so each direction has descriptors of its own.
        let back = (from: dup(broker), to: dup(client))
        await withDiscardingTaskGroup { directions in
            directions.addTask(executorPreference: loop) { await copy(client, broker, loop) }
            directions.addTask(executorPreference: loop) { await copy(back.from, back.to, loop) }
        }
        for descriptor in [client, broker, back.from, back.to] {
            loop.forget(descriptor)
            Glibc.close(descriptor)
        }
    }

    /// One direction, until its source ends or either side fails; then both sides are told.
    private static func copy(_ source: CInt, _ target: CInt, _ loop: EventLoop) async {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        relaying: while (try? await loop.wait(source, for: .readable)) != nil {
            let count = read(source, &buffer, buffer.count)
            if count < 0 && (cpx_errno() == EAGAIN || cpx_errno() == EINTR) { continue }
            if count <= 0 { break }
            var rest = buffer[..<count]
            while !rest.isEmpty {
                let sent = rest.withUnsafeBytes { send(target, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
                if sent > 0 {
                    rest = rest.dropFirst(sent)
                } else {
                    guard cpx_errno() == EAGAIN, (try? await loop.wait(target, for: .writable)) != nil else { break relaying }
                }
            }
        }
        shutdown(source, CInt(SHUT_RDWR))
        shutdown(target, CInt(SHUT_RDWR))
    }
}

// MARK: sockets

extension BootstrapRelay {
    private static let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)

    private static func listen(_ port: UInt16) throws(KafkaError) -> (descriptor: CInt, port: UInt16) {
        let descriptor = socket(AF_INET, Self.kind, 0)
        guard descriptor >= 0 else { throw refusal("socket") }
        var yes: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        guard withLoopback(port, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 64) == 0 else {
            let error = refusal("listen on 127.0.0.1:\(port)")
            Glibc.close(descriptor)
            throw error
        }
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        return (descriptor, UInt16(bigEndian: bound.sin_port))
    }

    /// Loopback connects at once or not at all.
    private static func connect(_ port: UInt16) -> CInt {
        let descriptor = socket(AF_INET, Self.kind, 0)
        if descriptor < 0 { return -1 }
        if withLoopback(port, { Glibc.connect(descriptor, $0, $1) }) == 0 || cpx_errno() == EINPROGRESS { return descriptor }
        Glibc.close(descriptor)
        return -1
    }

    private static func withLoopback(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    private static func refusal(_ call: String) -> KafkaError {
        KafkaError(.system, operation: "relay", message: SystemError(call: call).description)
    }
}
