public import FoundationEssentials
import Synchronization

/// Makes UUIDs of version 7 (RFC 9562) that grow within a process, also when the clock steps back.
///
/// 48 bits of milliseconds, a 12-bit counter that starts at a random place below 2048 in each millisecond (method 1 of
/// section 6.2), 62 random bits. A counter that runs over borrows the next millisecond.
public final class UUIDv7Generator: Sendable {
    private struct State {
        var milliseconds: UInt64 = 0
        var counter: UInt64 = 0
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Timestamp
    private let random: @Sendable (Int) -> [UInt8]

    /// `random` gives that many bytes that nobody can foretell; fewer are taken for zeros.
    public init(now: @escaping @Sendable () -> Timestamp, random: @escaping @Sendable (Int) -> [UInt8]) {
        self.now = now
        self.random = random
    }

    public func next<Tag>(_ type: Identifier<Tag>.Type = Identifier<Tag>.self) -> Identifier<Tag> {
        Identifier(next() as UUID)
    }

    public func next() -> UUID {
        var random = random(10)[...]
        func draw(_ count: Int) -> UInt64 {
            var value: UInt64 = 0
            for _ in 0..<count { value = value &<< 8 | UInt64(random.popFirst() ?? 0) }
            return value
        }
        let start = draw(2) & 0x7FF
        let time = UInt64(max(0, now().milliseconds)) & 0xFFFF_FFFF_FFFF
        let place = state.withLock { state in
            if time > state.milliseconds {
                state = State(milliseconds: time, counter: start)
            } else if state.counter < 0xFFF {
                state.counter &+= 1
            } else {
                state = State(milliseconds: state.milliseconds &+ 1, counter: start)
            }
            return state
        }
        let high = place.milliseconds &<< 16 | 0x7000 | place.counter
        let low = draw(8) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return Self.uuid(high, low)
    }

    private static func uuid(_ high: UInt64, _ low: UInt64) -> UUID {
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bytes) { out in
            out.storeBytes(of: high.bigEndian, as: UInt64.self)
            out.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return UUID(uuid: bytes)
    }
}
