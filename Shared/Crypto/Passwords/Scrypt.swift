internal import CCrypto

/// scrypt (RFC 7914): slow and memory-hungry on purpose. Blocks the caller; services go through ``PasswordHasher``.
public struct Scrypt: Sendable, Hashable {
    /// Power of two; memory is 128 · cost · blockSize bytes.
    public let cost: Int
    public let blockSize: Int
    public let parallelism: Int

    /// 2^15, 8, 1: 32 MiB and some 75 ms.
    public static let interactive = Scrypt(uncheckedCost: 1 << 15, 8, 1)

    private init(uncheckedCost cost: Int, _ blockSize: Int, _ parallelism: Int) {
        (self.cost, self.blockSize, self.parallelism) = (cost, blockSize, parallelism)
    }

    /// - Throws: `outOfRange` for what is no power of two or would take more than 256 MiB.
    public init(cost: Int, blockSize: Int = 8, parallelism: Int = 1) throws(CryptoError) {
        guard cost > 1, cost & (cost - 1) == 0, (1...64).contains(blockSize), (1...16).contains(parallelism), cost <= 1 << 21,
            128 * cost * blockSize <= 256 << 20
        else { throw CryptoError(.outOfRange, "scrypt cost") }
        self.init(uncheckedCost: cost, blockSize, parallelism)
    }

    public func derive(_ password: [UInt8], salt: [UInt8], count: Int) throws(CryptoError) -> [UInt8] {
        guard (1...1_024).contains(count) else { throw CryptoError(.outOfRange, "scrypt length") }
        var output = [UInt8](repeating: 0, count: count)
        // 0 would mean 32 MiB, too little for the interactive cost.
        let memory = UInt64(128 * cost * blockSize + 128 * blockSize * parallelism + 1 << 20)
        let done = password.withUnsafeBytes { password in
            EVP_PBE_scrypt(
                password.bindMemory(to: CChar.self).baseAddress, password.count, salt, salt.count, UInt64(cost), UInt64(blockSize),
                UInt64(parallelism), memory, &output, count)
        }
        guard done == 1 else { throw CryptoError.library("scrypt") }
        return output
    }
}

extension Scrypt {
    /// `scrypt$32768$8$1$salt$hash`: the parameters travel with the hash, so that they may grow.
    func stored(_ password: String, salt: [UInt8]) throws(CryptoError) -> String {
        let hash = try derive(Array(password.utf8), salt: salt, count: 32)
        return "scrypt$\(cost)$\(blockSize)$\(parallelism)$\(Base64.url.encode(salt))$\(Base64.url.encode(hash))"
    }

    static func isValid(_ password: String, for stored: String) throws(CryptoError) -> Bool {
        let parts = stored.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let cost = Int(parts[1]), let blockSize = Int(parts[2]),
            let parallelism = Int(parts[3]),
            let salt = Base64.url.decode(parts[4]), let hash = Base64.url.decode(parts[5]), salt.count >= 8, hash.count >= 16
        else { throw CryptoError(.badFormat, "a stored password hash is scrypt$N$r$p$salt$hash") }
        let scrypt = try Scrypt(cost: cost, blockSize: blockSize, parallelism: parallelism)
        return constantTimeEqual(try scrypt.derive(Array(password.utf8), salt: salt, count: hash.count), hash)
    }
}
