internal import Glibc
internal import Synchronization

/// Unpredictable bytes from the kernel, fetched 4 KiB at a time: a system call per 16-byte id would cost more than the id.
public struct SystemRandom: RandomNumberGenerator, Sendable {
    public init() {}

    public static func bytes(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        guard count <= Pool.size else {
            var large = [UInt8](repeating: 0, count: count)
            fill(&large)
            return large
        }
        return pool.withLock { $0.take(count) }
    }

    public mutating func next() -> UInt64 {
        SystemRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static let pool = Mutex(Pool())

    private struct Pool {
        static let size = 4096
        var bytes: [UInt8] = []

        /// Hands out from the end and cuts it off, so that no byte is given twice.
        mutating func take(_ count: Int) -> [UInt8] {
            if bytes.count < count {
                bytes = [UInt8](repeating: 0, count: Self.size)
                SystemRandom.fill(&bytes)
            }
            let start = bytes.count - count
            let taken = Array(bytes[start...])
            bytes.withUnsafeMutableBytes { buffer in
                for index in start..<buffer.count { buffer[index] = 0 }
            }
            bytes.removeLast(count)
            return taken
        }
    }

    /// `getentropy` gives at most 256 bytes a call. Where a sandbox forbids it, the standard library's generator does the same work or
    /// stops the program: weak bytes never come out of here.
    private static func fill(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { buffer in
            var start = 0
            while start < buffer.count {
                let end = min(start + 256, buffer.count)
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<end])
                if getentropy(part.baseAddress, part.count) != 0 {
                    var fallback = SystemRandomNumberGenerator()
                    for index in part.indices { part[index] = UInt8.random(in: .min ... .max, using: &fallback) }
                }
                start = end
            }
        }
    }
}
