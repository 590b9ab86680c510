import JSON
import TestKit
import Testing

private func text(_ value: some JSONEncodable) -> String { String(decoding: value.json, as: UTF8.self) }

struct WriterTests {
    @Test func `strings are escaped where JSON demands it and nowhere else`() {
        #expect(text("a/b中😀\u{7F}'<>&") == "\"a/b中😀\u{7F}'<>&\"")
        #expect(text("\"\\\u{8}\t\n\u{C}\r\u{1}\u{1F}\u{10}\u{B}") == #""\"\\\b\t\n\f\r\u0001\u001f\u0010\u000b""#)
    }

    @Test func `a NUL, which no reader takes, becomes the replacement character`() { #expect(text("a\u{0}b") == "\"a\u{FFFD}b\"") }

    @Test(arguments: [0, 1, -1, 9, 10, 99, 100, 12_345, Int64.max, Int64.min])
    func `integers are written as they are`(_ value: Int64) { #expect(text(value) == "\(value)") }

    @Test func `numbers that are not finite are left out, never null`() {
        struct Rates: JSONEncodable {
            func write(to json: inout JSONWriter) {
                json.object { o in
                    o.member("a", Double.nan)
                    o.member("b", 1.5)
                    o.member("c", -Double.infinity)
                    o.member("d", Double?.some(.nan))
                    o.member("e", JSONValue.number(.infinity))
                    o.member(named: "f", Double.nan)
                }
            }
        }
        #expect(text(Rates()) == #"{"b":1.5}"#)
        #expect(text([1.0, .nan, 2.0]) == "[1.0,2.0]")
        #expect(Double.nan.json.isEmpty)
    }

    @Test func `absent members leave no trace and no comma`() {
        let ticket = Ticket(id: "t", count: 1, note: nil, photos: [], place: nil)
        #expect(text(ticket) == #"{"id":"t","count":1,"photos":[]}"#)
    }

    @Test func `every double reads back as the same bits`() throws {
        var random = Seeded(seed: 20_261_121)
        let corners = [0, -0.0, 1, 0.1, 1e21, 1e-7, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .leastNormalMagnitude, .pi]
        let drawn = (0..<20_000).map { _ in Double(bitPattern: random.next()) }.filter(\.isFinite)
        for value in corners + drawn {
            let back = try JSONReader.decode(Double.self, from: value.json)
            #expect(back.bitPattern == value.bitPattern, "\(value)")
        }
    }

    @Test func `random trees read back as themselves`() throws {
        var random = Seeded(seed: 7)
        for _ in 0..<2_000 {
            let tree = random.tree(depth: 5)
            let bytes = tree.json
            let back = try JSONReader.decode(JSONValue.self, from: bytes)
            #expect(back == tree)
            #expect(back.json == bytes)
        }
    }

    @Test func `objects and arrays written in place nest`() {
        var json = JSONWriter()
        json.object { o in
            o.object("a") { $0.member("b", 1) }
            o.member("c") {
                $0.array { a in
                    a.element("x")
                    a.object { $0.member("y", true) }
                }
            }
            o.member("d") { $0.null() }
        }
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"a":{"b":1},"c":["x",{"y":true}],"d":null}"#)
    }
}

/// A generator whose draws are the same on each run.
extension Seeded {
    mutating func text() -> String {
        let alphabet: [Unicode.Scalar] = ["a", "\"", "\\", "/", "\n", "\u{1}", "中", "é", "😀", "\u{301}", "\u{FFFF}", " "]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...8, using: &self) { text.append(alphabet[Int.random(in: alphabet.indices, using: &self)]) }
        return String(text)
    }

    mutating func tree(depth: Int) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &self) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self))
        case 2: return .int(Int64(bitPattern: next()))
        case 3: return .number(Double(Int.random(in: -9_999...9_999, using: &self)) / 64)
        case 4: return .string(text())
        case 5: return .array((0..<Int.random(in: 0...4, using: &self)).map { _ in tree(depth: depth - 1) })
        default:
            // Swift's strings are equal by canonical equivalence, JSON's names by their bytes: number them.
            return .object(
                (0..<Int.random(in: 0...4, using: &self)).map { .init("\($0)" + text(), tree(depth: depth - 1)) })
        }
    }
}
