internal import CCrypto

/// X25519 key agreement (RFC 7748).
public enum X25519 {
    public struct PrivateKey: Sendable, CustomStringConvertible {
        private let key: KeyHandle
        /// 32 bytes.
        public let publicKey: [UInt8]

        /// - Parameter bytes: 32 secret random bytes. Throws `badKey` for any other length.
        public init(_ bytes: [UInt8]) throws(CryptoError) {
            key = try .raw(private: bytes, type: cc_x25519())
            publicKey = try key.rawPublic()
        }

        /// The 32 bytes both sides get. Throws `badKey` for peers that force a known result.
        public func agree(with peer: [UInt8]) throws(CryptoError) -> [UInt8] {
            let peer = try KeyHandle.raw(public: peer, type: cc_x25519())
            guard let context = EVP_PKEY_CTX_new(key.pointer, nil) else { throw CryptoError.library("EVP_PKEY_CTX_new") }
            defer { EVP_PKEY_CTX_free(context) }
            var secret = [UInt8](repeating: 0, count: 32)
            var count = secret.count
            guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer.pointer) == 1,
                EVP_PKEY_derive(context, &secret, &count) == 1, count == 32
            else { throw CryptoError.library("agree", code: .badKey) }
            return secret
        }

        public var description: String { "X25519.PrivateKey(****)" }
    }
}

/// A message that only the holder of one private key can read; who wrote it stays open.
///
/// Layout: ephemeral public key (32) ‖ AES-256-GCM of the text ‖ tag (16). The AES key comes by HKDF from the agreed secret and both
/// public keys, and is used once, so the nonce may be zero.
public enum SealedBox {
    private static let info = Array("shao sealed box 1".utf8)
    private static let nonce = [UInt8](repeating: 0, count: 12)

    /// - Parameter context: is not in the box, but must be the same when it is opened (for example the ticket's id).
    public static func seal(_ message: [UInt8], to recipient: [UInt8], context: [UInt8] = []) throws(CryptoError) -> [UInt8] {
        let ephemeral = try X25519.PrivateKey(SystemRandom.bytes(32))
        let key = try hkdfSHA256(ephemeral.agree(with: recipient), salt: ephemeral.publicKey + recipient, info: info, count: 32)
        return ephemeral.publicKey + (try AESGCM(key: key).seal(message, nonce: nonce, context: context))
    }

    /// Throws `notAuthentic` when box, key and context do not belong together.
    public static func open(_ box: [UInt8], with key: X25519.PrivateKey, context: [UInt8] = []) throws(CryptoError) -> [UInt8] {
        guard box.count >= 48 else { throw CryptoError(.notAuthentic, "too short") }
        let ephemeral = Array(box.prefix(32))
        let shared = try key.agree(with: ephemeral)
        let secret = try hkdfSHA256(shared, salt: ephemeral + key.publicKey, info: info, count: 32)
        return try AESGCM(key: secret).open(Array(box.dropFirst(32)), nonce: nonce, context: context)
    }
}
