internal import CCrypto

/// SHA-256, in one call or fed in parts.
///
/// Stands on libcrypto's low-level functions: their state is a plain 112-byte value, so a half-fed hash can be copied, needs no heap
/// and cannot fail, and a short message costs a third of the same through EVP.
public struct SHA256: Sendable {
    public static let byteCount = 32
    private var state: SHA256_CTX

    public init() {
        state = SHA256_CTX()
        SHA256_Init(&state)
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        SHA256_Update(&state, start, bytes.count)
    }

    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    public mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Feeds the UTF-8 of `text`.
    public mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// Feeds the number's bytes, highest first.
    public mutating func update(bigEndian number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { update($0) }
    }

    /// The 32 bytes for what was fed so far; the value itself stays usable.
    public func digest() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            var last = state
            SHA256_Final(buffer.baseAddress, &last)
            count = Self.byteCount
        }
    }

    /// Writes the 32 bytes to `output`, which must have room for them.
    func finish(into output: UnsafeMutablePointer<UInt8>) {
        var last = state
        SHA256_Final(output, &last)
    }

    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.digest()
    }

    public static func hash(_ text: String) -> [UInt8] {
        var hash = SHA256()
        hash.update(text)
        return hash.digest()
    }
}
