import Foundation
import Postgres
import TestKit
import Testing

@testable import Intake

/// One thing that must be refused.
struct Bad {
    let what: String
    let request: Request
    let status: Int
    let code: String
    let pointer: String?

    init(_ what: String, _ request: Request, _ status: Int, _ code: String, _ pointer: String? = nil) {
        self.what = what
        self.request = request
        self.status = status
        self.code = code
        self.pointer = pointer
    }
    init(_ what: String, json: String, _ status: Int, _ code: String, _ pointer: String? = nil) {
        self.init(what, .json(json), status, code, pointer)
    }
    init(_ what: String, form: Form, _ status: Int, _ code: String, _ pointer: String? = nil) {
        self.init(what, .form(form), status, code, pointer)
    }
}

extension IntakeService {
    @Suite struct `Bad input` {
        /// Each is refused with its code and pointer, changes nothing, and the next request is answered.
        private func refuse(_ table: [Bad]) async throws {
            try await World.with { world in
                let before = try await world.rows()
                for bad in table {
                    let answer = try await world.send(bad.request)
                    #expect(answer.status == bad.status, "\(bad.what): \(answer.text)")
                    #expect(answer.member("code") == bad.code, "\(bad.what): \(answer.text)")
                    #expect(answer.header("content-type") == "application/problem+json", "\(bad.what)")
                    #expect(answer.member("type")?.replacing("\\/", with: "/") == "/problems/\(bad.code)", "\(bad.what)")
                    if let pointer = bad.pointer {
                        #expect(
                            answer.text.replacing("\\/", with: "/").contains("\"pointer\":\"\(pointer)\""), "\(bad.what): \(answer.text)")
                    }
                    #expect(try await world.rows() == before, "\(bad.what) left rows")
                    #expect(try await world.get("/problems/\(bad.code)").status == 200, "\(bad.code) is explained nowhere")
                }
                #expect(try await world.get("/v1/plates/\(World.plate)").status == 200)
                _ = try await world.file()
            }
        }

        @Test func `JSON that is none, or holds what nobody asked for`() async throws {
            let deep = String(repeating: #"{"a":"#, count: 60) + "1" + String(repeating: "}", count: 60)
            try await refuse([
                Bad("nothing", json: "", 400, "bad-json"), Bad("half", json: "{", 400, "bad-json"),
                Bad("trailing comma", json: #"{"plate":"ANWVVR1E",}"#, 400, "bad-json"),
                Bad("comment", json: #"{/**/"plate":"ANWVVR1E"}"#, 400, "bad-json"),
                Bad("twice", json: #"{"plate":"ANWVVR1E","plate":"ANWVVR1E"}"#, 400, "bad-json"),
                Bad("two documents", json: #"{"plate":"ANWVVR1E","text":"a"}{}"#, 400, "bad-json"),
                Bad("byte order mark", .json([0xEF, 0xBB, 0xBF] + Array(#"{"plate":"ANWVVR1E","text":"a"}"#.utf8)), 400, "bad-json"),
                Bad("UTF-16", .json([0xFF, 0xFE, 0x7B, 0, 0x7D, 0]), 400, "bad-json"),
                Bad(
                    "invalid UTF-8", .json(Array(#"{"plate":"ANWVVR1E","text":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)), 400,
                    "bad-json"),
                Bad("lone surrogate", json: #"{"plate":"ANWVVR1E","text":"\ud800"}"#, 400, "bad-json"),
                Bad("escaped NUL", json: #"{"plate":"ANWVVR1E","text":"a\u0000b"}"#, 400, "bad-json"),
                Bad("raw NUL", .json(Array(#"{"plate":"ANWVVR1E","text":"a"#.utf8) + [0] + Array(#""}"#.utf8)), 400, "bad-json"),
                Bad("raw line break", json: "{\"plate\":\"ANWVVR1E\",\"text\":\"a\nb\"}", 400, "bad-json"),
                Bad("depth", json: deep, 400, "bad-json"), Bad("NaN", json: point("NaN", "121"), 400, "bad-json"),
                Bad("unknown member", json: #"{"plate":"ANWVVR1E","colour":1}"#, 422, "invalid", "#/colour"),
                Bad("array", json: "[]", 422, "invalid"), Bad("number plate", json: #"{"plate":5,"text":"a"}"#, 422, "invalid", "#/plate"),
                Bad("text is no text", json: #"{"plate":"ANWVVR1E","text":{"a":1}}"#, 422, "invalid", "#/text"),
                Bad("point is a list", json: #"{"point":[31,121],"text":"a"}"#, 422, "invalid", "#/point"),
                Bad("contact is a text", json: #"{"plate":"ANWVVR1E","text":"a","contact":"138"}"#, 422, "invalid", "#/contact"),
            ])
        }

        @Test func `places, categories and words that cannot be`() async throws {
            let long = String(repeating: "字", count: 2001)
            try await refuse([
                Bad("infinite", json: point("1e400", "121"), 422, "invalid", "#/point/lat"),
                Bad("swapped", json: point("121.47", "31.23"), 422, "coordinates-swapped", "#/point"),
                Bad("swapped in the west", json: point("80.1", "40.2"), 422, "coordinates-swapped", "#/point"),
                Bad("not on earth", json: point("95", "200"), 422, "point-out-of-range", "#/point"),
                Bad("in the sea", json: point("0", "0"), 422, "point-out-of-area", "#/point"),
                Bad("half a point", json: #"{"point":{"lat":31},"text":"a"}"#, 422, "invalid", "#/point/lng"),
                Bad("unknown datum", json: #"{"point":{"lat":31,"lng":121,"crs":"xian80"},"text":"a"}"#, 422, "invalid", "#/point/crs"),
                Bad("unknown plate", json: #"{"plate":"\#(unknownPlate)","text":"a"}"#, 422, "plate-unknown", "#/plate"),
                Bad("mistyped plate", json: #"{"plate":"ANWVVR1F","text":"a"}"#, 422, "invalid", "#/plate"),
                Bad("unknown category", json: #"{"plate":"ANWVVR1E","category":"E99999"}"#, 422, "category-unknown", "#/category"),
                Bad("no category", json: #"{"plate":"ANWVVR1E","category":"rubbish"}"#, 422, "invalid", "#/category"),
                Bad("nowhere", json: #"{"text":"a"}"#, 422, "place-missing", "#/plate"),
                Bad("silence", json: #"{"plate":"ANWVVR1E"}"#, 422, "nothing-said", "#/text"),
                Bad("blanks", json: #"{"plate":"ANWVVR1E","text":"  \n "}"#, 422, "nothing-said", "#/text"),
                Bad("2001 characters", json: #"{"plate":"ANWVVR1E","text":"\#(long)"}"#, 422, "text-too-long", "#/text"),
                Bad(
                    "17 KB of text", json: #"{"plate":"ANWVVR1E","text":"\#(String(repeating: "a", count: 17_000))"}"#, 422, "invalid",
                    "#/text"),
                Bad("sensor", json: #"{"plate":"ANWVVR1E","text":"a","channel":"pigeon"}"#, 422, "invalid", "#/channel"),
                Bad("no phone", json: phone("打给我"), 422, "phone-not-valid", "#/contact/phone"),
                Bad("short phone", json: phone("12345"), 422, "phone-not-valid", "#/contact/phone"),
                Bad("long phone", json: phone("1380013800013800138"), 422, "phone-not-valid", "#/contact/phone"),
            ])
        }

        @Test func `heads that lie`() async throws {
            let good = #"{"plate":"ANWVVR1E","category":"E06010"}"#
            let chunk = String(70_000, radix: 16) + "\r\n" + String(repeating: " ", count: 70_000) + "\r\n0\r\n\r\n"
            try await refuse([
                Bad(
                    "plain text", Request("POST", "/v1/tickets", headers: [("Content-Type", "text/plain")], body: Array(good.utf8)), 415,
                    "unsupported-media-type"),
                Bad("no type", Request("POST", "/v1/tickets", body: Array(good.utf8)), 415, "unsupported-media-type"),
                Bad(
                    "no boundary",
                    Request("POST", "/v1/tickets", headers: [("Content-Type", "multipart/form-data")], body: Array(good.utf8)), 415,
                    "unsupported-media-type"),
                Bad("empty key", Request.json(good).with("Idempotency-Key", "\"\""), 400, "idempotency-key-not-valid"),
                Bad(
                    "long key", Request.json(good).with("Idempotency-Key", String(repeating: "k", count: 129)), 400,
                    "idempotency-key-not-valid"),
                Bad("key with a blank", Request.json(good).with("Idempotency-Key", "a b"), 400, "idempotency-key-not-valid"),
                Bad("key in Chinese", Request.json(good).with("Idempotency-Key", "钥匙"), 400, "idempotency-key-not-valid"),
                Bad("two lengths", Request.json(good).with("Content-Length", "5").with("Content-Length", "40"), 400, "bad-framing"),
                Bad(
                    "length and chunks", Request.json(good).with("Content-Length", "40").with("Transfer-Encoding", "chunked"), 400,
                    "bad-framing"),
                Bad("gzip", Request.json(good).with("Transfer-Encoding", "gzip, chunked"), 501, "coding-not-implemented"),
                Bad("too many bytes in chunks", Request.json(chunk).with("Transfer-Encoding", "chunked"), 413, "body-too-large"),
                Bad("PUT", Request("PUT", "/v1/tickets"), 405, "method-not-allowed"),
            ])
        }

        @Test func `a body that says it is too large is refused before it is read`() async throws {
            try await World.with { world in
                for (type, length) in [("application/json", 1_000_000), ("multipart/form-data; boundary=x", 50 << 20)] {
                    let client = try await RawHTTP.connect(port: world.port)
                    try await client.send(
                        "POST /v1/tickets HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\nContent-Length: \(length)\r\nExpect: 100-continue\r\n\r\n"
                    )
                    let answer = try await client.response()
                    #expect(answer.status == 413 && answer.member("code") == "body-too-large")
                }
            }
        }

        @Test func `forms that are wrong`() async throws {
            let start: Form = Form(["plate": World.plate, "category": World.category])
            let point = Form(["text": "a", "lat": "121.47", "lng": "31.23"])
            let unfinished = Request("POST", "/v1/tickets", headers: Request.form(start).headers, body: Array(start.bytes.dropLast(8)))
            try await refuse([
                Bad("unknown field", form: start.with("colour", [0x61]), 422, "unknown-member", "#/colour"),
                Bad("field twice", form: start.with("plate", Array(World.plate.utf8)), 422, "duplicate-member", "#/plate"),
                Bad("NUL", form: start.with("text", [0x61, 0, 0x62]), 422, "text-not-valid", "#/text"),
                Bad("invalid UTF-8", form: start.with("text", [0xC3, 0x28]), 400, "bad-multipart"),
                Bad("swapped", form: point, 422, "coordinates-swapped", "#/point"),
                Bad("not a number", form: Form(["text": "a", "lat": "nan", "lng": "121"]), 422, "lat-not-valid", "#/lat"),
                Bad("hexadecimal", form: Form(["text": "a", "lat": "0x1f", "lng": "121"]), 422, "lat-not-valid", "#/lat"),
                Bad("half a point", form: Form(["text": "a", "lat": "31"]), 422, "missing-member", "#/lng"),
                Bad("20 KB of text", form: start.with("text", [UInt8](repeating: 0x61, count: 20_000)), 413, "part-too-large"),
                Bad("long key", form: start.with("key", [UInt8](repeating: 0x61, count: 3_000)), 400, "idempotency-key-not-valid"),
                Bad("bad phone", form: start.with("phone", Array("110".utf8)), 422, "phone-not-valid", "#/contact/phone"),
                Bad("bad plate", form: Form(["plate": "x", "text": "a"]), 422, "plate-not-valid", "#/plate"),
                Bad("bad category", form: Form(["plate": World.plate, "category": "x"]), 422, "category-not-valid", "#/category"),
                Bad("bad channel", form: start.with("channel", [0x78]), 422, "channel-not-valid", "#/channel"),
                Bad("unfinished", unfinished, 400, "bad-multipart"),
            ])
        }

        @Test(.enabled(if: Pictures.workerIsBuilt, "the photoworker program is not built"))
        func `files that are no photos`() async throws {
            let start = Form(["plate": World.plate])
            let bomb = SmallPNG.make(claiming: 50_000, 50_000, pixels: [UInt8](repeating: 0, count: 150_001))
            let small = SmallPNG.plain(8, 8)
            try await refuse([
                Bad("13 MiB", form: start.with(photos: [UInt8](repeating: 0xFF, count: 13 << 20)), 413, "photo-too-large", "#/photo"),
                Bad("text called .jpg", form: start.with(photos: Array("hello".utf8)), 422, "photo-not-an-image", "#/photo"),
                Bad("50 000 × 50 000", form: start.with(photos: bomb), 422, "photo-too-many-pixels", "#/photo"),
                Bad("truncated JPEG", form: start.with(photos: [0xFF, 0xD8, 0xFF, 0xE0, 0, 16]), 422, "photo-truncated", "#/photo"),
                Bad("empty", form: start.with(photos: []), 422, "photo-empty", "#/photo"),
                Bad(
                    "SVG", form: start.with(photos: Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8)), 422, "photo-unsupported",
                    "#/photo"),
                Bad("four", form: start.with(photos: small, small, small, small), 422, "too-many-photos", "#/photo"),
                Bad(
                    "one good, one bad", form: start.with(photos: small, Array("GIF89a\u{1}\0\u{1}\0".utf8)), 422, "photo-unsupported",
                    "#/photo"),
                Bad(
                    "a photo at an unknown plate", form: Form(["plate": unknownPlate]).with(photos: small), 422, "plate-unknown", "#/plate"),
            ])
        }

        private func point(_ lat: String, _ lng: String) -> String { #"{"point":{"lat":\#(lat),"lng":\#(lng)},"text":"a"}"# }
        private func phone(_ number: String) -> String { #"{"plate":"ANWVVR1E","text":"a","contact":{"phone":"\#(number)"}}"# }
    }
}

/// Well formed, registered nowhere.
let unknownPlate: String = {
    let ends = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return ends.lazy.map { "ZZZZZZZ\($0)" }.first { isPlate($0) } ?? ""
}()
