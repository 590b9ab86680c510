internal import CCrypto

/// AES-256-GCM: secret and untouched, under one key, for up to some billions of messages.
public struct AESGCM: Sendable, CustomStringConvertible {
    private static let nonceCount = 12
    private static let tagCount = 16
    private let key: [UInt8]

    /// - Parameter key: 32 bytes. Throws `badKey` otherwise.
    public init(key: [UInt8]) throws(CryptoError) {
        guard key.count == 32 else { throw CryptoError(.badKey, "AES-256 takes 32 bytes") }
        self.key = key
    }

    /// Random nonce (12) ‖ ciphertext ‖ tag (16).
    /// - Parameter context: not secret and not in the result, but must be the same when it is opened.
    public func seal(_ message: [UInt8], context: [UInt8] = []) throws(CryptoError) -> [UInt8] {
        let nonce = SystemRandom.bytes(Self.nonceCount)
        return nonce + (try seal(message, nonce: nonce, context: context))
    }

    /// Throws `notAuthentic` when anything was changed.
    public func open(_ sealed: [UInt8], context: [UInt8] = []) throws(CryptoError) -> [UInt8] {
        guard sealed.count >= Self.nonceCount + Self.tagCount else { throw CryptoError(.notAuthentic, "too short") }
        return try open(Array(sealed.dropFirst(Self.nonceCount)), nonce: Array(sealed.prefix(Self.nonceCount)), context: context)
    }

    public var description: String { "AESGCM(****)" }

    /// Ciphertext ‖ tag. A nonce must never be used twice with one key.
    func seal(_ message: [UInt8], nonce: [UInt8], context: [UInt8]) throws(CryptoError) -> [UInt8] {
        let cipher = try begin(nonce, context, sealing: true)
        defer { EVP_CIPHER_CTX_free(cipher) }
        var output = [UInt8](repeating: 0, count: message.count + Self.tagCount)
        var written: CInt = 0
        var last: CInt = 0
        let done = output.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, EVP_CipherUpdate(cipher, start, &written, message, CInt(clamping: message.count)) == 1,
                EVP_CipherFinal_ex(cipher, start + Int(written), &last) == 1
            else { return false }
            return EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, CInt(Self.tagCount), start + message.count) == 1
        }
        guard done, Int(written) == message.count else { throw CryptoError.library("seal") }
        return output
    }

    func open(_ sealed: [UInt8], nonce: [UInt8], context: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard sealed.count >= Self.tagCount else { throw CryptoError(.notAuthentic, "too short") }
        let cipher = try begin(nonce, context, sealing: false)
        defer { EVP_CIPHER_CTX_free(cipher) }
        let count = sealed.count - Self.tagCount
        var tag = Array(sealed.suffix(Self.tagCount))
        var output = [UInt8](repeating: 0, count: count + Self.tagCount)
        var written: CInt = 0
        var last: CInt = 0
        let done = output.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, EVP_CipherUpdate(cipher, start, &written, sealed, CInt(clamping: count)) == 1,
                EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, CInt(Self.tagCount), &tag) == 1
            else { return false }
            return EVP_CipherFinal_ex(cipher, start + Int(written), &last) == 1
        }
        ERR_clear_error()
        guard done, Int(written) == count else { throw CryptoError(.notAuthentic, "the tag does not fit") }
        output.removeLast(Self.tagCount)
        return output
    }

    private func begin(_ nonce: [UInt8], _ context: [UInt8], sealing: Bool) throws(CryptoError) -> OpaquePointer {
        guard nonce.count == Self.nonceCount, let algorithm = Self.algorithm, let cipher = EVP_CIPHER_CTX_new() else {
            throw CryptoError.library("AES-256-GCM")
        }
        var written: CInt = 0
        guard EVP_CipherInit_ex2(cipher, algorithm, key, nonce, sealing ? 1 : 0, nil) == 1,
            context.isEmpty || EVP_CipherUpdate(cipher, nil, &written, context, CInt(clamping: context.count)) == 1
        else {
            EVP_CIPHER_CTX_free(cipher)
            throw CryptoError.library("AES-256-GCM")
        }
        return cipher
    }

    /// Immutable once fetched, so any thread may use it.
    private nonisolated(unsafe) static let algorithm: OpaquePointer? = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
}
