import Foundation
import JSON
import TestKit
import Testing

/// A ticket as it travels, with everything that JSON has.
private let sample = Array(
    #"""
    {"ticket":"0198a7c2-1f00-7abc-8def-0123456789ab","number":"GD-20261121-000123-7","channel":"plate","count":12,
    "point":{"lat":31.230416,"lng":-1.5e2},"text":"长椅断了\n\u4e00\ud83d\ude00 \"请修\" a\/b","photos":["a","b",[]],
    "hasContact":true,"none":null,"no":false,"clocks":[{"kind":"accept","n":0},{"kind":"sign","n":-9223372036854775808}]}
    """#.utf8)

/// What Foundation makes of any JSON.
private struct AnyDecodable: Decodable {
    init(from decoder: any Decoder) throws {
        if var array = try? decoder.unkeyedContainer() {
            while !array.isAtEnd { _ = try array.decode(AnyDecodable.self) }
        } else if let object = try? decoder.container(keyedBy: Key.self) {
            for key in object.allKeys { _ = try object.decode(AnyDecodable.self, forKey: key) }
        } else {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() { return }
            if (try? value.decode(Bool.self)) != nil { return }
            if (try? value.decode(String.self)) != nil { return }
            if (try? value.decode(Int64.self)) != nil { return }
            _ = try value.decode(Double.self)
        }
    }

    struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension Seeded {
    /// One to three small damages: what editors, broken senders and attackers do.
    fileprivate mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        let interesting: [UInt8] =
            Array("{}[],:\"\\0123456789eE+-.ut nfl/".utf8) + [0, 1, 0x1F, 0x7F, 0x80, 0xC0, 0xE4, 0xED, 0xEF, 0xF4, 0xFF]
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &self)
            switch Int.random(in: 0...6, using: &self) {
            case 0: bytes[place] = interesting[Int.random(in: interesting.indices, using: &self)]
            case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &self)
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(interesting[Int.random(in: interesting.indices, using: &self)], at: place)
            case 4: bytes.removeLast(min(bytes.count, Int.random(in: 1...20, using: &self)))
            case 5:
                let end = min(bytes.count, place + Int.random(in: 1...24, using: &self))
                bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &self))
            default: bytes.swapAt(place, Int.random(in: bytes.indices, using: &self))
            }
        }
        return bytes
    }
}

struct MutationTests {
    @Test(arguments: 1...4)
    func `what we take of a hundred thousand damaged tickets, JSONDecoder takes as well`(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        let decoder = JSONDecoder()
        var taken = 0
        for _ in 0..<25_000 {
            let bytes = random.mutated(sample)
            guard let value = try? JSONReader.decode(JSONValue.self, from: bytes) else { continue }
            taken += 1
            #expect(throws: Never.self, "\(String(decoding: bytes, as: UTF8.self))") {
                _ = try decoder.decode(AnyDecodable.self, from: Data(bytes))
            }
            // And what we write of it, we read.
            #expect(try JSONReader.decode(JSONValue.self, from: value.json) == value)
        }
        #expect(taken > 500, "the damages must be small enough for some to be taken")
    }

    @Test func `what JSONDecoder refuses of short random texts, we refuse as well`() {
        var random = Seeded(seed: 99)
        let alphabet = Array("{}[],:\"\\01e+-.tnu al".utf8)
        for _ in 0..<100_000 {
            let bytes = (0..<Int.random(in: 1...9, using: &random)).map { _ in alphabet[Int.random(in: alphabet.indices, using: &random)] }
            guard (try? JSONReader.decode(JSONValue.self, from: bytes)) != nil else { continue }
            #expect((try? JSONDecoder().decode(AnyDecodable.self, from: Data(bytes))) != nil, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test func `each prefix of a document is refused without a trap`() {
        for count in 0..<sample.count {
            #expect(throws: JSONError.self) { try JSONReader.decode(JSONValue.self, from: Array(sample[..<count])) }
        }
    }
}
