internal import CCrypto

/// An HMAC-SHA-256 key (RFC 2104). The two padded key blocks are hashed once, here; every message starts from copies of those states.
public struct HMACKey: Sendable, CustomStringConvertible {
    private let inner: SHA256
    private let outer: SHA256

    /// - Parameter key: any length; at least 32 random bytes where the key is ours.
    public init(_ key: [UInt8]) {
        let short = key.count > 64 ? SHA256.hash(key) : key
        var block = [UInt8](repeating: 0x36, count: 64)
        for (index, byte) in short.enumerated() { block[index] ^= byte }
        var inner = SHA256()
        inner.update(block)
        for index in block.indices { block[index] ^= 0x36 ^ 0x5c }
        var outer = SHA256()
        outer.update(block)
        block.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        self.inner = inner
        self.outer = outer
    }

    /// Begins a message that arrives in parts.
    public func begin() -> HMACSHA256 { HMACSHA256(inner: inner, outer: outer) }

    public func authenticate(_ message: [UInt8]) -> [UInt8] {
        var mac = begin()
        mac.update(message)
        return mac.code()
    }

    public func authenticate(_ text: String) -> [UInt8] {
        var mac = begin()
        mac.update(text)
        return mac.code()
    }

    /// One message in several parts, without joining them. Nothing marks where a part ends: feed lengths where that matters.
    public func authenticate(_ feed: (inout HMACSHA256) -> Void) -> [UInt8] {
        var mac = begin()
        feed(&mac)
        return mac.code()
    }

    public func authenticate(parts: some Sequence<[UInt8]>) -> [UInt8] {
        var mac = begin()
        for part in parts { mac.update(part) }
        return mac.code()
    }

    /// Compares in constant time.
    public func isValid(_ code: [UInt8], for message: [UInt8]) -> Bool {
        constantTimeEqual(code, authenticate(message))
    }

    public var description: String { "HMACKey(****)" }
}

/// An HMAC-SHA-256 under way; from ``HMACKey/begin()``.
public struct HMACSHA256: Sendable {
    private var inner: SHA256
    private let outer: SHA256

    init(inner: SHA256, outer: SHA256) {
        self.inner = inner
        self.outer = outer
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) { inner.update(bytes) }
    public mutating func update(_ bytes: [UInt8]) { inner.update(bytes) }
    public mutating func update(_ bytes: ArraySlice<UInt8>) { inner.update(bytes) }
    public mutating func update(_ text: String) { inner.update(text) }
    public mutating func update(bigEndian number: some FixedWidthInteger) { inner.update(bigEndian: number) }

    /// The 32 bytes for what was fed so far; more may follow.
    public func code() -> [UInt8] {
        var last = outer
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: SHA256.byteCount) { buffer in
            guard let start = buffer.baseAddress else { return }
            inner.finish(into: start)
            last.update(UnsafeRawBufferPointer(start: start, count: SHA256.byteCount))
        }
        return last.digest()
    }
}

/// Whether both are equal, in a time that depends on their lengths only.
public func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return a.withUnsafeBytes { x in b.withUnsafeBytes { y in CRYPTO_memcmp(x.baseAddress, y.baseAddress, x.count) == 0 } }
}
