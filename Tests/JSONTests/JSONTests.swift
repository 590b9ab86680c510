import JSON
import Testing

struct JSONSmoke {
    @Test func `a small object is read and written back`() throws {
        let v = try JSONReader.decode(JSONValue.self, from: Array(#"{"a":[1,2.5,"é\n\u4e2d\ud83d\ude00"],"b":null,"c":-3,"d":{"e":true}}"#.utf8))
        #expect(String(decoding: v.json, as: UTF8.self) == #"{"a":[1,2.5,"é\n中😀"],"b":null,"c":-3,"d":{"e":true}}"#)
    }
}
