import Testing

@testable import Crypto

private func hex(_ text: String) -> [UInt8] { Hex.decode(text.filter { $0 != " " && $0 != "\n" }) ?? [] }

@Suite struct `Derived keys` {
    // RFC 5869 A.1 to A.3
    @Test(arguments: [
        (
            String(repeating: "0b", count: 22), "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9", 42,
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        ),
        (
            String(repeating: "0b", count: 22), "", "", 42,
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        ),
    ])
    func `HKDF agrees with RFC 5869`(secret: String, salt: String, info: String, count: Int, expected: String) throws {
        #expect(try hkdfSHA256(hex(secret), salt: hex(salt), info: hex(info), count: count) == hex(expected))
    }

    @Test func `HKDF agrees with RFC 5869 on long inputs`() throws {
        let expected = hex(
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        )
        #expect(try hkdfSHA256([UInt8](0...0x4f), salt: [UInt8](0x60...0xaf), info: [UInt8](0xb0...0xff), count: 82) == expected)
    }

    @Test(arguments: [0, -1, 8_161])
    func `HKDF refuses lengths it cannot give`(count: Int) {
        #expect(throws: CryptoError.self) { try hkdfSHA256([1], info: [], count: count) }
    }

    // RFC 7914, section 12
    @Test(arguments: [
        (
            "", "", 16, 1, 1,
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
        ),
        (
            "password", "NaCl", 1024, 8, 16,
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        ),
        (
            "pleaseletmein", "SodiumChloride", 16_384, 8, 1,
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        ),
    ])
    func `scrypt agrees with RFC 7914`(password: String, salt: String, cost: Int, blockSize: Int, parallelism: Int, expected: String) throws
    {
        let scrypt = try Scrypt(cost: cost, blockSize: blockSize, parallelism: parallelism)
        #expect(try scrypt.derive(Array(password.utf8), salt: Array(salt.utf8), count: 64) == hex(expected))
    }

    @Test(arguments: [(0, 8, 1), (1, 8, 1), (3, 8, 1), (1 << 22, 8, 1), (1 << 20, 8, 1), (16, 0, 1), (16, 8, 0), (16, 8, 17), (-16, 8, 1)])
    func `scrypt refuses costs that are none or too much`(cost: Int, blockSize: Int, parallelism: Int) {
        #expect(throws: CryptoError.self) { try Scrypt(cost: cost, blockSize: blockSize, parallelism: parallelism) }
    }

    @Test func `a password is recognised by what was stored, and no other`() async throws {
        let hasher = PasswordHasher(try Scrypt(cost: 16))
        let stored = try await hasher.hash("彩虹 street 1")
        #expect(stored.hasPrefix("scrypt$16$8$1$"))
        #expect(try await hasher.hash("彩虹 street 1") != stored)
        #expect(try await hasher.isValid("彩虹 street 1", for: stored))
        #expect(try await !hasher.isValid("彩虹 street 2", for: stored))
        #expect(try await !hasher.isValid("", for: stored))
        for broken in [
            "", "scrypt", stored + "$", "bcrypt" + stored.dropFirst(6), stored.replacing("$16$", with: "$15$"),
            stored.replacing("$16$", with: "$1048576$"),
        ] {
            await #expect(throws: CryptoError.self) { try await hasher.isValid("x", for: broken) }
        }
    }

    @Test func `the interactive cost works`() async throws {
        let hasher = PasswordHasher()
        #expect(try await hasher.isValid("x", for: hasher.hash("x")))
    }

    @Test func `passwords beyond the queue are turned away, the others are all served`() async throws {
        let hasher = PasswordHasher(try Scrypt(cost: 1_024), threads: 2, waiting: 4)
        let outcomes = await withTaskGroup(of: CryptoError.Code?.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    do throws(CryptoError) {
                        _ = try await hasher.hash("x")
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count == 200 && outcomes.contains(nil))
        #expect(outcomes.allSatisfy { $0 == nil || $0 == .overloaded })
    }
}

@Suite struct `Signatures and boxes` {
    // RFC 8032, 7.1
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ])
    func `Ed25519 agrees with RFC 8032`(seed: String, publicKey: String, message: String, signature: String) throws {
        let key = try Ed25519.PrivateKey(seed: hex(seed))
        #expect(key.publicKey.bytes == hex(publicKey))
        #expect(try key.sign(hex(message)) == hex(signature))
        let verifier = try Ed25519.PublicKey(hex(publicKey))
        #expect(verifier.isValid(hex(signature), for: hex(message)))
        #expect(!verifier.isValid(hex(signature), for: hex(message) + [0]))
        for index in 0..<64 {
            var other = hex(signature)
            other[index] ^= 1
            #expect(!verifier.isValid(other, for: hex(message)))
        }
        #expect(!verifier.isValid([], for: hex(message)))
        #expect(!verifier.isValid(hex(signature) + [0], for: hex(message)))
    }

    @Test(arguments: [0, 31, 33, 64])
    func `keys have 32 bytes`(count: Int) {
        let bytes = [UInt8](repeating: 1, count: count)
        #expect(throws: CryptoError.self) { try Ed25519.PrivateKey(seed: bytes) }
        #expect(throws: CryptoError.self) { try Ed25519.PublicKey(bytes) }
        #expect(throws: CryptoError.self) { try X25519.PrivateKey(bytes) }
        #expect(throws: CryptoError.self) { try AESGCM(key: bytes) }
    }

    // RFC 7748, 6.1
    @Test func `X25519 agrees with RFC 7748`() throws {
        let bob = try X25519.PrivateKey(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
        #expect(bob.publicKey == hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"))
        let alice = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
        #expect(try bob.agree(with: alice) == hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"))
        #expect(throws: CryptoError.self) { try bob.agree(with: [UInt8](repeating: 0, count: 32)) }
        #expect(throws: CryptoError.self) { try bob.agree(with: [1]) }
    }

    // NIST's GCM test cases 13 and 14
    @Test func `AES-256-GCM agrees with NIST`() throws {
        let box = try AESGCM(key: [UInt8](repeating: 0, count: 32))
        let nonce = [UInt8](repeating: 0, count: 12)
        #expect(try box.seal([], nonce: nonce, context: []) == hex("530f8afbc74536b9a963b4f1c4cb738b"))
        let sealed = hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
        #expect(try box.seal([UInt8](repeating: 0, count: 16), nonce: nonce, context: []) == sealed)
        #expect(try box.open(sealed, nonce: nonce, context: []) == [UInt8](repeating: 0, count: 16))
    }

    @Test func `a sealed message opens only unchanged, in its context and with its key`() throws {
        let box = try AESGCM(key: SystemRandom.bytes(32))
        for count in [0, 1, 15, 16, 17, 1_000] {
            let message = SystemRandom.bytes(count)
            let sealed = try box.seal(message, context: [7])
            #expect(try box.open(sealed, context: [7]) == message)
            #expect(throws: CryptoError.self) { try box.open(sealed, context: [8]) }
            #expect(throws: CryptoError.self) { try box.open(sealed) }
            #expect(throws: CryptoError.self) { try AESGCM(key: SystemRandom.bytes(32)).open(sealed, context: [7]) }
            #expect(throws: CryptoError.self) { try box.open(Array(sealed.dropLast()), context: [7]) }
            for index in stride(from: 0, to: sealed.count, by: 7) {
                var other = sealed
                other[index] ^= 0x10
                #expect(throws: CryptoError.self) { try box.open(other, context: [7]) }
            }
        }
        #expect(throws: CryptoError.self) { try box.open([]) }
    }

    @Test func `a sealed box is for one recipient`() throws {
        let (recipient, other) = (try X25519.PrivateKey(SystemRandom.bytes(32)), try X25519.PrivateKey(SystemRandom.bytes(32)))
        let box = try SealedBox.seal(Array("选票".utf8), to: recipient.publicKey, context: [1])
        #expect(try SealedBox.open(box, with: recipient, context: [1]) == Array("选票".utf8))
        #expect(try SealedBox.seal(Array("选票".utf8), to: recipient.publicKey, context: [1]) != box)
        #expect(throws: CryptoError.self) { try SealedBox.open(box, with: other, context: [1]) }
        #expect(throws: CryptoError.self) { try SealedBox.open(box, with: recipient) }
        #expect(throws: CryptoError.self) { try SealedBox.open(Array(box.prefix(47)), with: recipient) }
    }
}
