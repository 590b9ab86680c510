/// HKDF with SHA-256 (RFC 5869): keys for different uses out of one secret.
/// - Parameters:
///   - secret: of full strength; a password is not (see ``Scrypt``).
///   - info: names the use, so that two uses never share a key.
///   - count: bytes wanted, 1 to 8160. Throws `outOfRange` otherwise.
public func hkdfSHA256(_ secret: [UInt8], salt: [UInt8] = [], info: [UInt8], count: Int) throws(CryptoError) -> [UInt8] {
    guard (1...255 * SHA256.byteCount).contains(count) else { throw CryptoError(.outOfRange, "HKDF gives 1 to 8160 bytes") }
    let key = HMACKey(HMACKey(salt).authenticate(secret))
    var output: [UInt8] = []
    var block: [UInt8] = []
    var number: UInt8 = 1
    while output.count < count {
        block = key.authenticate { mac in
            mac.update(block)
            mac.update(info)
            mac.update([number])
        }
        output += block
        number &+= 1
    }
    return Array(output.prefix(count))
}
