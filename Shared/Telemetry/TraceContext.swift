import Glibc
import Synchronization

/// A place in a distributed trace (W3C Trace Context): carried by HTTP and Kafka headers from the first request to the last consumer.
public struct TraceContext: Sendable, Hashable {
    /// The trace of the running task, if any.
    @TaskLocal public static var current: TraceContext?

    public let traceHigh: UInt64, traceLow: UInt64
    /// This hop.
    public let span: UInt64
    /// Bit 0: sampled.
    public let flags: UInt8

    init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, flags: UInt8) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
        self.flags = flags
    }

    /// A new trace.
    public static func root() -> TraceContext {
        TraceContext(
            traceHigh: TraceRandom.next(), traceLow: TraceRandom.next() | 1, span: TraceRandom.next() | 1, flags: 1)
    }

    /// The next hop of the same trace.
    public func child() -> TraceContext {
        TraceContext(traceHigh: traceHigh, traceLow: traceLow, span: TraceRandom.next() | 1, flags: flags)
    }

    /// Reads a `traceparent` header; nil unless it is exactly `00-<32 hex>-<16 hex>-<2 hex>`, lower case, ids not zero.
    public init?(traceparent text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 55, bytes[0] == 48, bytes[1] == 48, bytes[2] == 45, bytes[35] == 45, bytes[52] == 45,
            let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]),
            let span = Self.number(bytes[36..<52]), let flags = Self.number(bytes[53..<55]),
            high != 0 || low != 0, span != 0
        else { return nil }
        self.init(traceHigh: high, traceLow: low, span: span, flags: UInt8(truncatingIfNeeded: flags))
    }

    /// The header's value.
    public var traceparent: String {
        String(unsafeUninitializedCapacity: 55) { out in
            for place in [2, 35, 52] { out[place] = UInt8(ascii: "-") }
            Self.hex(0, 2, out, 0)
            Self.hex(traceHigh, 16, out, 3)
            Self.hex(traceLow, 16, out, 19)
            Self.hex(span, 16, out, 36)
            Self.hex(UInt64(flags), 2, out, 53)
            return 55
        }
    }

    /// 32 hex digits.
    public var traceIDText: String {
        String(unsafeUninitializedCapacity: 32) { out in
            Self.hex(traceHigh, 16, out, 0)
            Self.hex(traceLow, 16, out, 16)
            return 32
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case 48...57: value = value << 4 | UInt64(digit - 48)
            case 97...102: value = value << 4 | UInt64(digit - 87)
            default: return nil
            }
        }
        return value
    }

    private static func hex(_ value: UInt64, _ width: Int, _ out: UnsafeMutableBufferPointer<UInt8>, _ start: Int) {
        var rest = value
        for place in (start..<(start + width)).reversed() {
            let digit = UInt8(truncatingIfNeeded: rest & 15)
            out[place] = digit < 10 ? 48 + digit : 87 + digit
            rest >>= 4
        }
    }
}

/// Random words by the kernel, 32 at a time: asked for each, the system calls of a request's trace would cost more than its JSON.
private enum TraceRandom {
    private static let pool = Mutex<[UInt64]>([])

    static func next() -> UInt64 {
        pool.withLock { pool in
            if pool.isEmpty {
                pool = [UInt64](repeating: 0, count: 32)
                // 256 bytes at once cannot fail on a kernel that has the call.
                pool.withUnsafeMutableBytes { _ = getentropy($0.baseAddress, $0.count) }
            }
            return pool.removeLast()
        }
    }
}
