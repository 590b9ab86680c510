import CPosix
import Glibc

/// The system calls on a connected or listening socket, their outcomes as values.
enum Socket {
    enum Outcome {
        case count(Int)
        case wouldBlock
        case failed(CInt)
    }

    static func receive(_ fd: CInt, into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        outcome { recv(fd, buffer.baseAddress, buffer.count, 0) }
    }

    /// Whether bytes wait to be read.
    static func hasInput(_ fd: CInt) -> Bool {
        var byte: UInt8 = 0
        return recv(fd, &byte, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    /// Sends what of the three, in order, lies behind the first `skipping` bytes; perhaps not all of it.
    static func send(_ fd: CInt, _ first: [UInt8], _ second: [UInt8], _ third: [UInt8], skipping: Int) -> Outcome {
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                third.withUnsafeBytes { third in
                    var pieces: [iovec] = []
                    var skip = skipping
                    for buffer in [first, second, third] {
                        let rest = UnsafeRawBufferPointer(rebasing: buffer.dropFirst(skip))
                        skip -= min(skip, buffer.count)
                        if rest.isEmpty { continue }
                        pieces.append(iovec(iov_base: UnsafeMutableRawPointer(mutating: rest.baseAddress), iov_len: rest.count))
                    }
                    return send(fd, pieces)
                }
            }
        }
    }

    private static func send(_ fd: CInt, _ pieces: [iovec]) -> Outcome {
        let flags = CInt(MSG_NOSIGNAL)
        if pieces.count == 1, let piece = pieces.first {
            return outcome { Glibc.send(fd, piece.iov_base, piece.iov_len, flags) }
        }
        var pieces = pieces
        return pieces.withUnsafeMutableBufferPointer { buffer in
            var message = msghdr()
            message.msg_iov = buffer.baseAddress
            message.msg_iovlen = buffer.count
            return outcome { sendmsg(fd, &message, flags) }
        }
    }

    private static func outcome(_ call: () -> Int) -> Outcome {
        while true {
            let count = call()
            if count >= 0 { return .count(count) }
            let code = cpx_errno()
            if code == EAGAIN { return .wouldBlock }
            if code != EINTR { return .failed(code) }
        }
    }

    /// The next `close` resets the connection and drops what the kernel still holds for it.
    static func resetOnClose(_ fd: CInt) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    static func endSending(_ fd: CInt) { _ = shutdown(fd, CInt(SHUT_WR)) }

    static func set(_ fd: CInt, level: CInt, _ name: CInt) {
        var one: CInt = 1
        setsockopt(fd, level, name, &one, socklen_t(MemoryLayout<CInt>.size))
    }
}

/// A numeric IPv4 or IPv6 address, as text and as the kernel wants it.
struct SocketAddress {
    private(set) var storage = sockaddr_storage()
    private(set) var length: socklen_t

    init?(_ text: String, port: Int) {
        guard let port = in_port_t(exactly: port) else { return nil }
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if inet_pton(AF_INET, text, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeBytes(of: &four) { source in withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: source) } }
        } else if inet_pton(AF_INET6, text, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeBytes(of: &six) { source in withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: source) } }
        } else {
            return nil
        }
    }

    init(_ storage: sockaddr_storage) {
        self.storage = storage
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    }

    var isIPv6: Bool { storage.ss_family == sa_family_t(AF_INET6) }

    var port: Int {
        var copy = storage
        return withUnsafeBytes(of: &copy) { Int(in_port_t(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: in_port_t.self))) }
    }

    /// The address without the port.
    var host: String {
        var copy = storage
        var text = [CChar](repeating: 0, count: 64)
        let offset = isIPv6 ? 8 : 4
        let found = withUnsafeBytes(of: &copy) { bytes in
            bytes.baseAddress.flatMap { inet_ntop(CInt(storage.ss_family), $0 + offset, &text, 64) } != nil
        }
        return found ? String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "unknown"
    }

    mutating func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        let length = length
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
