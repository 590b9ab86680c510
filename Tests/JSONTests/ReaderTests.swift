import JSON
import Testing

private func decode<T: JSONDecodable>(_ text: String, as type: T.Type = T.self) throws(JSONError) -> T {
    try JSONReader.decode(T.self, from: Array(text.utf8))
}

private func failure<T: JSONDecodable>(_ text: String, as type: T.Type) -> JSONError? {
    do throws(JSONError) {
        _ = try decode(text, as: T.self)
        return nil
    } catch {
        return error
    }
}

struct Ticket: JSONDecodable, JSONEncodable, Equatable {
    var id: String
    var count: Int
    var note: String?
    var photos: [String]
    var place: Place?

    struct Place: JSONDecodable, JSONEncodable, Equatable {
        var lat: Double
        var lng: Double
        init(json: inout JSONReader) throws(JSONError) {
            (lat, lng) = try json.object { m throws(JSONError) in (try m.required("lat"), try m.required("lng")) }
        }
        func write(to json: inout JSONWriter) {
            json.object { o in
                o.member("lat", lat)
                o.member("lng", lng)
            }
        }
    }

    init(id: String, count: Int, note: String?, photos: [String], place: Place?) {
        (self.id, self.count, self.note, self.photos, self.place) = (id, count, note, photos, place)
    }

    init(json: inout JSONReader) throws(JSONError) {
        self = try json.object { m throws(JSONError) in
            Ticket(
                id: try m.required("id"), count: try m.required("count"), note: try m.optional("note"),
                photos: try m.required("photos"), place: try m.optional("place"))
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { o in
            o.member("id", id)
            o.member("count", count)
            o.member("note", note)
            o.member("photos", photos)
            o.member("place", place)
        }
    }
}

struct ReaderTests {
    @Test(arguments: [
        "0", "-0", "1", "-1", "1.5", "-1.5e-3", "1E5", "1e+5", "9223372036854775807", "-9223372036854775808", "true", "false",
        "null", "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e9\"", "\"\\uD83D\\uDE00\"", "\"中文\"", "\"\u{7F}\"",
        "\"\u{10FFFF}\"", "\"\\uFFFF\"", "[]", "{}", "[ ]", "{ }", " [ 1 , 2 ] ", "\t{\r\n\"a\" : [ { } ] }\n", "[[[[]]]]",
        "{\"\":1}", "{\"a\":{\"a\":{\"a\":1}}}", "[1.7976931348623157e308]", "[5e-324]", "{\"A\":1,\"a\":2}",
    ])
    func `what is strict JSON is taken`(_ text: String) throws { _ = try decode(text, as: JSONValue.self) }

    @Test func `thirty-two levels are taken`() throws {
        _ = try decode(String(repeating: "[", count: 32) + String(repeating: "]", count: 32), as: JSONValue.self)
        _ = try decode(String(repeating: "{\"a\":", count: 32) + "1" + String(repeating: "}", count: 32), as: JSONValue.self)
        let mixed = String(repeating: "[{\"a\":", count: 16) + "1" + String(repeating: "}]", count: 16)
        _ = try decode(mixed, as: JSONValue.self)
    }

    @Test func `escapes become the characters they stand for`() throws {
        #expect(try decode(#""\u0041\n\ud83d\ude00\/\"é""#, as: String.self) == "A\n😀/\"é")
    }

    @Test func `a value reads itself whatever the order of its members`() throws {
        let expected = Ticket(
            id: "t", count: 3, note: "中", photos: ["a", "b"],
            place: try decode(#"{"lat":31.25,"lng":121.5}"#))
        #expect(try decode(#"{"id":"t","count":3,"note":"中","photos":["a","b"],"place":{"lat":31.25,"lng":121.5}}"#) == expected)
        #expect(
            try decode(#"{ "place" : {"lng":121.5 , "lat":31.25} , "ph\u006ftos":["a", "b"], "note":"\u4e2d","count":3,"id":"t"}"#)
                == expected)
    }

    @Test func `an optional member may be absent or null, a required one neither`() throws {
        #expect(try decode(#"{"id":"t","count":3,"note":null,"photos":[]}"#, as: Ticket.self).note == nil)
        #expect(failure(#"{"id":"t","photos":[]}"#, as: Ticket.self)?.code == .missingMember)
        #expect(failure(#"{"id":"t","photos":[]}"#, as: Ticket.self)?.pointer == "#/count")
        #expect(failure(#"{"id":null,"count":1,"photos":[]}"#, as: Ticket.self)?.code == .wrongType)
    }

    @Test func `an unknown member is refused, or ignored where that is asked for`() throws {
        let text = #"{"id":"t","count":3,"photos":[],"place":{"lat":1,"lng":2,"datum":"x"},"new":[{"deep":1}]}"#
        let error = failure(text, as: Ticket.self)
        #expect(error?.code == .unknownMember)
        #expect(error?.pointer == "#/place/datum")
        #expect(try JSONReader.decode(Ticket.self, from: Array(text.utf8), unknown: .ignore).count == 3)
    }

    @Test func `an ignored member must still be free of duplicates`() {
        let text = #"{"id":"t","count":3,"photos":[],"new":{"a":[{"b":1,"b":2}]}}"#
        let error = #expect(throws: JSONError.self) {
            try JSONReader.decode(Ticket.self, from: Array(text.utf8), unknown: .ignore)
        }
        #expect(error?.code == .duplicateMember)
        #expect(error?.pointer == "#/new/a/0/b")
    }

    @Test func `errors say where, in the document and in the bytes`() {
        let error = failure(#"{"id":"t","count":3,"photos":["a",7]}"#, as: Ticket.self)
        #expect(error?.code == .wrongType)
        #expect(error?.pointer == "#/photos/1")
        #expect(error?.offset == 34)
        #expect(failure(#"{"a/b":{"~":[1,{"c":tru}]}}"#, as: JSONValue.self)?.pointer == "#/a~1b/~0/1/c")
    }

    @Test func `errors repeat no value`() {
        let error = failure(#"{"id":13800138000,"count":3,"photos":[]}"#, as: Ticket.self)
        #expect(error.map { "\($0)".contains("138") } == false)
    }

    @Test(arguments: ["1.0", "1e2", "1.5", "\"1\"", "true", "null", "[1]"])
    func `what is not written as an integer is none`(_ text: String) {
        #expect(failure(text, as: Int.self)?.code == .wrongType)
        #expect(failure("{\"a\":\(text)}", as: [Int].self) != nil)
    }

    @Test func `integers keep to their type`() throws {
        #expect(try decode("-9223372036854775808", as: Int64.self) == .min)
        #expect(try decode("2147483647", as: Int32.self) == .max)
        #expect(failure("2147483648", as: Int32.self)?.code == .outOfRange)
        #expect(try decode("-0", as: Int.self) == 0)
    }

    @Test func `a number that a Double would round is refused`() throws {
        #expect(try decode("9007199254740992", as: Double.self) == 9_007_199_254_740_992)
        #expect(failure("9007199254740993", as: Double.self)?.code == .outOfRange)
        #expect(try decode("0.1", as: Double.self) == 0.1)
    }

    @Test func `limits of strings and arrays are kept`() {
        func limited(_ text: String, _ body: (inout JSONReader) throws(JSONError) -> Void) -> JSONError.Code? {
            var reader = JSONReader(Array(text.utf8))
            do throws(JSONError) { try body(&reader) } catch { return error.code }
            return nil
        }
        #expect(limited("\"中文\"") { r throws(JSONError) in _ = try r.string(maxBytes: 6) } == nil)
        #expect(limited("\"中文\"") { r throws(JSONError) in _ = try r.string(maxBytes: 5) } == .tooLong)
        #expect(limited("[1,2]") { r throws(JSONError) in _ = try r.array(of: Int.self, maxCount: 2) } == nil)
        #expect(limited("[1,2,3]") { r throws(JSONError) in _ = try r.array(of: Int.self, maxCount: 2) } == .tooLong)
    }

    @Test func `a reader that leaves an element unread is told so`() {
        var reader = JSONReader(Array("[1]".utf8))
        let error = #expect(throws: JSONError.self) { try reader.elements { _ throws(JSONError) in } }
        #expect(error?.code == .syntax)
    }

    @Test func `a wide object is read in reasonable time and order`() throws {
        let text = "{" + (0..<20_000).map { "\"m\($0)\":\($0)" }.joined(separator: ",") + "}"
        guard case .object(let members) = try decode(text, as: JSONValue.self) else { return #expect(Bool(false)) }
        #expect(members.count == 20_000)
        #expect(members.last?.name == "m19999")
    }

    @Test func `raw bytes come as they stand and are checked`() throws {
        var reader = JSONReader(Array(" { \"a\" : 1 } ".utf8))
        #expect(try String(decoding: reader.raw(), as: UTF8.self) == "{ \"a\" : 1 }")
        var bad = JSONReader(Array("{\"a\":1,\"a\":1}".utf8))
        #expect(throws: JSONError.self) { try bad.raw() }
    }

    @Test func `the sub-reader of a member cannot see its neighbours`() {
        struct Greedy: JSONDecodable {
            init(json: inout JSONReader) throws(JSONError) {
                try json.object { m throws(JSONError) in
                    try m.read("a") { r throws(JSONError) in
                        _ = try r.int64()
                        _ = try r.int64()
                    }
                }
            }
        }
        #expect(failure(#"{"a":1,"b":2}"#, as: Greedy.self)?.pointer == "#/a")
    }
}
