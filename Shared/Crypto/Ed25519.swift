internal import CCrypto

/// Ed25519 signatures (RFC 8032).
public enum Ed25519 {
    public struct PrivateKey: Sendable, CustomStringConvertible {
        private let key: KeyHandle
        public let publicKey: PublicKey

        /// - Parameter seed: 32 secret random bytes. Throws `badKey` for any other length.
        public init(seed: [UInt8]) throws(CryptoError) {
            key = try .raw(private: seed, type: cc_ed25519())
            publicKey = try PublicKey(key.rawPublic())
        }

        /// 64 bytes; the same message always gives the same signature.
        public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
            guard let context = EVP_MD_CTX_new() else { throw CryptoError.library("EVP_MD_CTX_new") }
            defer { EVP_MD_CTX_free(context) }
            var signature = [UInt8](repeating: 0, count: 64)
            var count = signature.count
            guard EVP_DigestSignInit(context, nil, nil, nil, key.pointer) == 1,
                EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == 64
            else { throw CryptoError.library("sign") }
            return signature
        }

        public var description: String { "Ed25519.PrivateKey(****)" }
    }

    public struct PublicKey: Sendable, Hashable {
        /// 32 bytes.
        public let bytes: [UInt8]
        let key: KeyHandle

        /// Throws `badKey` unless there are 32 bytes.
        public init(_ bytes: [UInt8]) throws(CryptoError) {
            key = try .raw(public: bytes, type: cc_ed25519())
            self.bytes = bytes
        }

        public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
            guard signature.count == 64 else { return false }
            return (try? key.verify(signature, of: message, digest: nil)) ?? false
        }

        public static func == (a: PublicKey, b: PublicKey) -> Bool { a.bytes == b.bytes }
        public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
    }
}
