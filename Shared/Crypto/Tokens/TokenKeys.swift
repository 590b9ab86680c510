internal import CCrypto
internal import JSON

/// An algorithm of JOSE that is accepted.
enum TokenAlgorithm: String, Sendable {
    case rs256 = "RS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"
}

/// A public key of an identity provider, with the one algorithm it may be used with.
struct TokenKey: Sendable {
    let algorithm: TokenAlgorithm
    private let handle: KeyHandle

    /// From one entry of a JWKS; `nil` when it is not for signatures or not of a kind accepted here.
    init?(_ entry: JSONValue) {
        if let use = entry["use"], use != .string("sig") { return nil }
        if let operations = entry["key_ops"] {
            guard case .array(let names) = operations, names.contains(.string("verify")) else { return nil }
        }
        let made: (TokenAlgorithm, KeyHandle?)
        switch (entry["kty"]?.text, entry["crv"]?.text) {
        case ("RSA", _): made = (.rs256, Self.rsa(entry))
        case ("EC", "P-256"): made = (.es256, Self.p256(entry))
        case ("OKP", "Ed25519"): made = (.edDSA, Self.bytes(entry, "x").flatMap { try? .raw(public: $0, type: cc_ed25519()) })
        default: return nil
        }
        if let named = entry["alg"], named != .string(made.0.rawValue) { return nil }
        guard let handle = made.1 else { return nil }
        (algorithm, self.handle) = (made.0, handle)
    }

    func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        switch algorithm {
        case .rs256: return (try? handle.verify(signature, of: message, digest: KeyHandle.sha256)) ?? false
        case .edDSA: return signature.count == 64 && (try? handle.verify(signature, of: message, digest: nil)) ?? false
        case .es256:
            guard signature.count == 64 else { return false }
            let der = DER.sequence([DER.integer(signature.prefix(32)), DER.integer(signature.suffix(32))])
            return (try? handle.verify(der, of: message, digest: KeyHandle.sha256)) ?? false
        }
    }

    private static func bytes(_ entry: JSONValue, _ name: String) -> [UInt8]? {
        entry[name]?.text.flatMap { Base64.url.decode($0) }
    }

    /// 2048 to 8192 bits, exponent odd, 3 to 2^32.
    private static func rsa(_ entry: JSONValue) -> KeyHandle? {
        guard let modulus = bytes(entry, "n"), let exponent = bytes(entry, "e"), (256...1_024).contains(modulus.count),
            let top = modulus.first, top >= 0x80, let low = exponent.last, low & 1 == 1, exponent.count <= 4, exponent != [1]
        else { return nil }
        let algorithm = DER.sequence([DER.object([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]), [0x05, 0x00]])
        let key = DER.sequence([DER.integer(modulus[...]), DER.integer(exponent[...])])
        return try? .der(DER.sequence([algorithm, DER.bits(key)]))
    }

    private static func p256(_ entry: JSONValue) -> KeyHandle? {
        guard let x = bytes(entry, "x"), let y = bytes(entry, "y"), x.count == 32, y.count == 32 else { return nil }
        let curve = DER.object([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07])
        let algorithm = DER.sequence([DER.object([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]), curve])
        return try? .der(DER.sequence([algorithm, DER.bits([4] + x + y)]))
    }
}

/// As much of DER as keys and signatures need.
enum DER {
    static func sequence(_ parts: [[UInt8]]) -> [UInt8] { tagged(0x30, Array(parts.joined())) }
    static func object(_ identifier: [UInt8]) -> [UInt8] { tagged(0x06, identifier) }
    static func bits(_ bytes: [UInt8]) -> [UInt8] { tagged(0x03, [0] + bytes) }

    /// A number that is not negative, highest byte first.
    static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        guard let top = digits.first else { return tagged(0x02, [0]) }
        return tagged(0x02, top >= 0x80 ? [0] + digits : digits)
    }

    private static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        if count < 0x80 { return [tag, UInt8(count)] + content }
        if count < 0x100 { return [tag, 0x81, UInt8(count)] + content }
        return [tag, 0x82, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] + content
    }
}

/// The keys an identity provider publishes, by their `kid`.
public struct TokenKeySet: Sendable {
    let keys: [String: TokenKey]
    /// Entries that are not usable here (other algorithms, no `kid`, broken); they do not spoil the rest.
    public let skipped: Int

    /// - Parameter document: a JWKS. Throws `badFormat` when it is none.
    public init(_ document: [UInt8]) throws(CryptoError) {
        guard document.count <= 1 << 20, let value = try? JSONReader.decode(JSONValue.self, from: document),
            case .array(let entries)? = value["keys"]
        else { throw CryptoError(.badFormat, "a key set is {\"keys\":[…]}") }
        var keys: [String: TokenKey] = [:]
        var skipped = 0
        for entry in entries.prefix(100) {
            if let kid = entry["kid"]?.text, !kid.isEmpty, keys[kid] == nil, let key = TokenKey(entry) {
                keys[kid] = key
            } else {
                skipped += 1
            }
        }
        (self.keys, self.skipped) = (keys, skipped)
    }

    init() { (keys, skipped) = ([:], 0) }
}
