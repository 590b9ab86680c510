import Crypto
import Testing

@Suite struct `Hashes and message codes` {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `SHA-256 agrees with FIPS 180`(text: String, expected: String) {
        #expect(Hex.encode(SHA256.hash(text)) == expected)
        #expect(Hex.encode(SHA256.hash(Array(text.utf8))) == expected)
    }

    @Test func `a hash fed in parts equals the hash of the whole, wherever it is cut`() {
        let whole = [UInt8](0...199)
        for cut in 0...whole.count {
            var hash = SHA256()
            hash.update(whole[..<cut])
            let early = hash
            hash.update(Array(whole[cut...]))
            #expect(hash.digest() == SHA256.hash(whole))
            #expect(early.digest() == SHA256.hash(Array(whole[..<cut])))
        }
    }

    // RFC 4231
    @Test(arguments: [
        ([UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](1...25), [UInt8](repeating: 0xcd, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func `HMAC agrees with RFC 4231`(key: [UInt8], message: [UInt8], expected: String) {
        let key = HMACKey(key)
        #expect(Hex.encode(key.authenticate(message)) == expected)
        #expect(Hex.encode(key.authenticate(parts: message.map { [$0] })) == expected)
        #expect(
            Hex.encode(
                key.authenticate { mac in
                    mac.update(message.prefix(3))
                    mac.update(Array(message.dropFirst(3)))
                }) == expected)
        #expect(key.isValid(key.authenticate(message), for: message))
        #expect(!key.isValid(key.authenticate(message + [0]), for: message))
    }

    @Test func `a number is fed highest byte first`() {
        let key = HMACKey([1, 2, 3])
        #expect(key.authenticate { $0.update(bigEndian: UInt32(0x0102_0304)) } == key.authenticate([1, 2, 3, 4]))
        #expect(key.authenticate { $0.update("哨") } == key.authenticate("哨"))
    }

    @Test func `a key never prints itself`() throws {
        #expect("\(HMACKey([1, 2, 3]))" == "HMACKey(****)")
        #expect("\(try WebhookSecret(WebhookSecret.generate()))" == "whsec_****")
    }

    @Test func `equality looks at every byte and at the length`() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        for index in 0..<32 {
            var other = [UInt8](repeating: 7, count: 32)
            other[index] ^= 0x80
            #expect(!constantTimeEqual([UInt8](repeating: 7, count: 32), other))
        }
    }

    @Test func `random bytes come in any length and do not repeat`() {
        for count in [0, 1, 16, 32, 255, 257, 4095, 4096, 4097, 10_000] { #expect(SystemRandom.bytes(count).count == count) }
        var seen = Set<[UInt8]>()
        for _ in 0..<2_000 { seen.insert(SystemRandom.bytes(16)) }
        #expect(seen.count == 2_000)
        var generator = SystemRandom()
        #expect(generator.next() != generator.next())
    }
}

@Suite struct `Base64 and hexadecimal` {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `base64 agrees with RFC 4648`(plain: String, encoded: String) {
        let unpadded = String(encoded.prefix { $0 != "=" })
        #expect(Base64.standard.encode(plain.utf8) == encoded)
        #expect(Base64.url.encode(plain.utf8) == unpadded)
        #expect(Base64.standard.decode(encoded) == Array(plain.utf8))
        #expect(Base64.url.decode(unpadded) == Array(plain.utf8))
    }

    @Test func `every length survives the way there and back`() {
        for count in 0...130 {
            let bytes = SystemRandom.bytes(count)
            #expect(Base64.standard.decode(Base64.standard.encode(bytes)) == bytes)
            #expect(Base64.url.decode(Base64.url.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z", "Zm9v\n", " Zm9v", "Zm9-", "Zm9_", "====", "=", "Z===", "Zm=v", "Zm9vZg==Zm9v", "哨哨",
    ])
    func `a second spelling in base64 is refused`(text: String) {
        #expect(Base64.standard.decode(text) == nil)
    }

    @Test(arguments: ["Zg==", "Zg=", "Zh", "Zm9", "Z", "Zm9+", "Zm9/", "Zm 9", "Zm9v="])
    func `a second spelling in base64url is refused`(text: String) {
        #expect(Base64.url.decode(text) == nil)
    }

    @Test func `hexadecimal refuses odd lengths and strangers`() {
        #expect(Hex.decode("0") == nil)
        #expect(Hex.decode("0g") == nil)
        #expect(Hex.decode("+1") == nil)
        #expect(Hex.decode("00FFab") == [0, 255, 0xab])
    }
}

@Suite struct `Webhook signatures` {
    let body = Array(#"{"test": 2432232314}"#.utf8)

    @Test func `the published example verifies`() throws {
        let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let header = WebhookSignature.sign(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: body, secrets: [secret])
        #expect(header == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(check(header, secret, now: 1_614_265_330))
        #expect(check(header, secret, now: 1_614_265_630))
        #expect(!check(header, secret, now: 1_614_265_631))
        #expect(!check(header, secret, now: 1_614_265_029))
    }

    @Test func `both secrets of a rotation verify, a stranger's does not`() throws {
        let (old, new, stranger) = (
            try WebhookSecret(WebhookSecret.generate()), try WebhookSecret(WebhookSecret.generate()),
            try WebhookSecret(WebhookSecret.generate())
        )
        let header = WebhookSignature.sign(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: body, secrets: [new, old])
        #expect(check(header, old, now: 1_614_265_330))
        #expect(check(header, new, now: 1_614_265_330))
        #expect(check("v1a,xxxx " + header, new, now: 1_614_265_330))
        #expect(!check(header, stranger, now: 1_614_265_330))
        #expect(!check("", new, now: 1_614_265_330))
        #expect(!check(String(header.dropLast(30)), old, now: 1_614_265_330))
    }

    @Test(arguments: ["", "1614265330 ", "+1614265330", "01614265330", "1614265330.0", "9223372036854775808", "-1"])
    func `a timestamp in another spelling is refused`(timestamp: String) throws {
        let secret = try WebhookSecret(WebhookSecret.generate())
        let header = WebhookSignature.sign(id: "m", timestamp: 1_614_265_330, body: body, secrets: [secret])
        #expect(
            !WebhookSignature.isValid(
                header: header, id: "m", timestamp: timestamp, body: body, secrets: [secret], now: 1_614_265_330, tolerance: 2_000_000_000))
    }

    @Test(arguments: ["", "whsec_", "whsec_AAAA", "whsec_not base64", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    func `a secret that is none is refused`(text: String) {
        #expect(throws: CryptoError.self) { try WebhookSecret(text) }
    }

    private func check(_ header: String, _ secret: WebhookSecret, now: Int64) -> Bool {
        WebhookSignature.isValid(
            header: header, id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330", body: body, secrets: [secret], now: now)
    }
}
