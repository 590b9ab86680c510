import JSON
import Testing

/// A text that must be refused, and with which code.
struct BadInput: CustomTestStringConvertible, Sendable {
    let bytes: [UInt8]
    let code: JSONError.Code
    let testDescription: String

    init(_ text: String, _ code: JSONError.Code = .syntax) {
        self.init(bytes: Array(text.utf8), code, text)
    }

    init(bytes: [UInt8], _ code: JSONError.Code, _ name: String) {
        self.bytes = bytes
        self.code = code
        testDescription = name.count > 60 ? "\(name.prefix(60))…" : name
    }

    /// Raw bytes within a string.
    static func inString(_ bytes: UInt8..., code: JSONError.Code = .utf8) -> BadInput {
        BadInput(bytes: [0x22] + bytes + [0x22], code, "string of bytes \(bytes)")
    }
}

struct RefusalTests {
    static let grammar: [BadInput] = [
        BadInput(""), BadInput("   "), BadInput("\n"), BadInput("{"), BadInput("}"), BadInput("["), BadInput("]"),
        BadInput("[1,]"), BadInput("[,1]"), BadInput("[1 2]"), BadInput("[1,,2]"), BadInput("[1"), BadInput("[1,"),
        BadInput("[1}"), BadInput("{\"a\":1]"), BadInput("{\"a\":1,}"), BadInput("{,\"a\":1}"), BadInput("{\"a\"}"),
        BadInput("{\"a\":}"), BadInput("{\"a\" 1}"), BadInput("{\"a\":1 \"b\":2}"), BadInput("{a:1}"), BadInput("{'a':1}"),
        BadInput("{1:1}"), BadInput("{null:1}"), BadInput("{\"a\":1"), BadInput("{\"a\":1,"), BadInput("{\"a"),
        BadInput("{\"a\":1}}"), BadInput("1 2"), BadInput("null null"), BadInput("{} x"), BadInput("[]\u{0}"),
        BadInput("nul"), BadInput("nulL"), BadInput("True"), BadInput("tru"), BadInput("falsy"), BadInput("nullx"),
        BadInput("undefined"), BadInput("[1] // one"), BadInput("/* one */ 1"), BadInput("#"), BadInput("'a'"),
        BadInput("\u{A0}1"), BadInput("\u{2028}1"), BadInput("\u{0C}1"), BadInput("\u{0B}1"), BadInput("\u{3000}1"),
    ]

    static let numbers: [BadInput] = [
        BadInput("NaN"), BadInput("Infinity"), BadInput("-Infinity"), BadInput("-"), BadInput("+1"), BadInput("01"),
        BadInput("-01"), BadInput("00"), BadInput("1."), BadInput(".5"), BadInput("-.5"), BadInput("1.e5"), BadInput("1e"),
        BadInput("1e+"), BadInput("1E-"), BadInput("1e5.5"), BadInput("0x10"), BadInput("1_000"), BadInput("1,5"),
        BadInput("--1"), BadInput("１"), BadInput("1e400", .outOfRange), BadInput("-1e400", .outOfRange),
        BadInput("1.5e99999999999999999999", .outOfRange), BadInput("9223372036854775808", .outOfRange),
        BadInput("-9223372036854775809", .outOfRange), BadInput("123456789012345678901234567890", .outOfRange),
        BadInput(String(repeating: "1", count: 100_000), .outOfRange),
        BadInput("0." + String(repeating: "1", count: 200), .outOfRange), BadInput("{\"a\":1e400}", .outOfRange),
        BadInput("[[[-1e999]]]", .outOfRange),
    ]

    static let strings: [BadInput] = [
        BadInput("\""), BadInput("\"a"), BadInput("\"\\\""), BadInput("\"\\x41\""), BadInput("\"\\'\""), BadInput("\"\\a\""),
        BadInput("\"\\u\""), BadInput("\"\\u12\""), BadInput("\"\\u123g\""), BadInput("\"\\u 123\""), BadInput("\"\\U0041\""),
        BadInput("\"\\u0000\""), BadInput("{\"a\\u0000\":1}"), BadInput("\"\u{0}\""), BadInput("\"a\nb\""), BadInput("\"\t\""),
        BadInput("\"\u{1F}\""), BadInput("{\"a\u{1}\":1}"), BadInput("\"\\ud800\"", .utf8), BadInput("\"\\udc00\"", .utf8),
        BadInput("\"\\ud800\\u0041\"", .utf8), BadInput("\"\\ud800x\"", .utf8), BadInput("\"\\udc00\\ud800\"", .utf8),
        BadInput("\"\\ud800\\ud800\"", .utf8), BadInput("\"\\ud83d\\n\"", .utf8), BadInput("{\"\\ud800\":1}", .utf8),
    ]

    static let encodings: [BadInput] = [
        BadInput(bytes: [0xEF, 0xBB, 0xBF, 0x31], .utf8, "byte order mark"),
        BadInput(bytes: [0xFF, 0xFE, 0x31, 0x00], .utf8, "UTF-16 little-endian with mark"),
        BadInput(bytes: [0xFE, 0xFF, 0x00, 0x31], .utf8, "UTF-16 big-endian with mark"),
        BadInput(bytes: [0x5B, 0x00, 0x31, 0x00, 0x5D, 0x00], .syntax, "UTF-16 little-endian"),
        BadInput(bytes: [0x00, 0x5B, 0x00, 0x31, 0x00, 0x5D], .syntax, "UTF-16 big-endian"),
        .inString(0x80), .inString(0xBF), .inString(0xC0, 0x80), .inString(0xC1, 0xBF), .inString(0xC2), .inString(0xC2, 0x41),
        .inString(0xE0, 0x80, 0x80), .inString(0xE0, 0x9F, 0xBF), .inString(0xE4, 0xB8), .inString(0xE4, 0xB8, 0x41),
        .inString(0xED, 0xA0, 0x80), .inString(0xED, 0xBF, 0xBF), .inString(0xF0, 0x80, 0x80, 0x80), .inString(0xF0, 0x9F, 0x98),
        .inString(0xF4, 0x90, 0x80, 0x80), .inString(0xF5, 0x80, 0x80, 0x80), .inString(0xFE), .inString(0xFF),
        BadInput(bytes: [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], .utf8, "bad byte in a member name"),
        BadInput(bytes: [0x22, 0xE4, 0xB8], .utf8, "ends within a character"),
        BadInput(bytes: [0xB8], .syntax, "a lone byte"),
    ]

    static let structure: [BadInput] = [
        BadInput("{\"a\":1,\"a\":2}", .duplicateMember), BadInput("{\"a\":1,\"\\u0061\":2}", .duplicateMember),
        BadInput("{\"\\u0061\":1,\"a\":2}", .duplicateMember), BadInput("{\"\\u0061\":1,\"\\u0061\":2}", .duplicateMember),
        BadInput("{\"\":1,\"\":2}", .duplicateMember), BadInput("{\"/\":1,\"\\/\":2}", .duplicateMember),
        BadInput("{\"中\":1,\"\\u4e2d\":2}", .duplicateMember), BadInput("{\"😀\":1,\"\\ud83d\\ude00\":2}", .duplicateMember),
        BadInput("[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]", .duplicateMember),
        BadInput("{\(wide),\"m7\":1}", .duplicateMember), BadInput("{\(wide),\"\\u006d7\":1}", .duplicateMember),
        BadInput(String(repeating: "[", count: 33) + String(repeating: "]", count: 33), .depth),
        BadInput(String(repeating: "{\"a\":", count: 33) + "1" + String(repeating: "}", count: 33), .depth),
        BadInput(String(repeating: "[", count: 1_000_000), .depth),
        BadInput(String(repeating: "{\"a\":", count: 100_000), .depth),
    ]

    /// More members than are compared each with each.
    static let wide = (0..<40).map { "\"m\($0)\":\($0)" }.joined(separator: ",")

    @Test(arguments: grammar + numbers + strings + encodings + structure)
    func `what is not strict JSON is refused`(_ input: BadInput) {
        let error = #expect(throws: JSONError.self) { try JSONReader.decode(JSONValue.self, from: input.bytes) }
        #expect(error?.code == input.code, "\(error.map { "\($0)" } ?? "")")
        #expect((0...input.bytes.count).contains(error?.offset ?? -1))
    }

    @Test(arguments: grammar + numbers + strings + encodings + structure)
    func `it is refused inside a member that nobody reads, too`(_ input: BadInput) {
        // What only ends too early would be closed by the wrapping.
        let wrapped = Array("{\"known\":1,\"other\":".utf8) + input.bytes + Array("}".utf8)
        #expect(throws: JSONError.self) { try JSONReader.decode(Known.self, from: wrapped, unknown: .ignore) }
    }

    struct Known: JSONDecodable {
        let known: Int
        init(json: inout JSONReader) throws(JSONError) {
            known = try json.object { m throws(JSONError) in try m.required("known") }
        }
    }

    @Test func `the tables hold what they should`() {
        #expect(Self.grammar.count + Self.numbers.count + Self.strings.count + Self.encodings.count + Self.structure.count >= 120)
    }
}
