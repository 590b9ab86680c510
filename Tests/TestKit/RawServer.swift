import CPosix
import Foundation
import Glibc
import Synchronization

/// A server of raw bytes on loopback: each request is handed to a closure on a thread of its own, which writes whatever it likes.
public final class RawServer: Sendable {
    public let port: UInt16
    private let listener: CInt
    private let connections = Atomic(0)

    public var url: String { "http://127.0.0.1:\(port)" }
    public var connectionCount: Int { connections.load(ordering: .acquiring) }

    public struct Peer: Sendable {
        public let fd: CInt
        /// False when the client is gone.
        @discardableResult public func write(_ bytes: [UInt8]) -> Bool {
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.send(fd, $0.baseAddress?.advanced(by: sent), bytes.count - sent, CInt(MSG_NOSIGNAL))
                }
                if count <= 0 { return false }
                sent += count
            }
            return true
        }
        @discardableResult public func write(_ text: String) -> Bool { write(Array(text.utf8)) }
        public func ok(_ body: String, _ headers: String = "") {
            write("HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
        }
        /// Blocks until the client closes.
        public func waitForClose() {
            var byte: UInt8 = 0
            while recv(fd, &byte, 1, 0) > 0 {}
        }
    }

    /// - Parameter answer: gets the whole request; returns whether the connection stays open for the next one.
    public convenience init(_ answer: @escaping @Sendable (String, Peer) -> Bool) {
        self.init(connections: { peer in while let request = Self.read(peer.fd), answer(request, peer) {} })
    }

    /// - Parameter talk: gets each connection as it comes, whatever is spoken on it; it is closed when the closure returns.
    public init(connections talk: @escaping @Sendable (Peer) -> Void) {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, length)
                listen(listener, 64)
                getsockname(listener, raw, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        Thread.detachNewThread { [weak self] in
            while true {
                let fd = accept(listener, nil, nil)
                guard fd >= 0 else {
                    close(listener)
                    return
                }
                _ = fcntl(fd, F_SETFD, FD_CLOEXEC)
                self?.connections.add(1, ordering: .acquiringAndReleasing)
                Thread.detachNewThread {
                    talk(Peer(fd: fd))
                    close(fd)
                }
            }
        }
    }

    deinit { shutdown(listener, CInt(SHUT_RDWR)) }

    private static func read(_ fd: CInt) -> String? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(fd, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer.prefix(count)
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let length =
                text[..<end.lowerBound].lowercased().components(separatedBy: "content-length: ").dropFirst().first
                .flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
            if text[end.upperBound...].utf8.count >= length { return text }
        }
    }
}
