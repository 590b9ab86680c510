internal import CCrypto

/// An immutable key of libcrypto. Its functions may be used from several threads at once; contexts never leave a function.
final class KeyHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    static func raw(private bytes: [UInt8], type: CInt) throws(CryptoError) -> KeyHandle {
        guard bytes.count == 32 else { throw CryptoError(.badKey, "a key has 32 bytes") }
        guard let key = EVP_PKEY_new_raw_private_key(type, nil, bytes, bytes.count) else { throw CryptoError.library("key", code: .badKey) }
        return KeyHandle(key)
    }

    static func raw(public bytes: [UInt8], type: CInt) throws(CryptoError) -> KeyHandle {
        guard bytes.count == 32 else { throw CryptoError(.badKey, "a key has 32 bytes") }
        guard let key = EVP_PKEY_new_raw_public_key(type, nil, bytes, bytes.count) else { throw CryptoError.library("key", code: .badKey) }
        return KeyHandle(key)
    }

    /// From a SubjectPublicKeyInfo; points off the curve and other nonsense are refused.
    static func der(_ bytes: [UInt8]) throws(CryptoError) -> KeyHandle {
        let key = bytes.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_PUBKEY(nil, &start, buffer.count)
        }
        guard let key else { throw CryptoError.library("public key", code: .badKey) }
        let handle = KeyHandle(key)
        guard let check = EVP_PKEY_CTX_new(key, nil) else { throw CryptoError.library("EVP_PKEY_CTX_new") }
        defer { EVP_PKEY_CTX_free(check) }
        guard EVP_PKEY_public_check(check) == 1 else { throw CryptoError.library("public key", code: .badKey) }
        return handle
    }

    func rawPublic() throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(pointer, &bytes, &count) == 1, count == 32 else { throw CryptoError.library("public key") }
        return bytes
    }

    /// - Parameter digest: nil for Ed25519, which hashes by itself.
    func verify(_ signature: [UInt8], of message: [UInt8], digest: OpaquePointer?) throws(CryptoError) -> Bool {
        guard let context = EVP_MD_CTX_new() else { throw CryptoError.library("EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, digest, nil, pointer) == 1 else { throw CryptoError.library("verify") }
        let valid = EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        if !valid { ERR_clear_error() }
        return valid
    }

    /// Fetched once: looking an algorithm up costs more than hashing a short text. Immutable, so any thread may use it.
    nonisolated(unsafe) static let sha256: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil)
}
