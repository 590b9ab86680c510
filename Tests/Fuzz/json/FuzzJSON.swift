// Built by ../run-json together with the sources of module JSON: no package target, because the fuzzer brings its own main.

/// Whatever the bytes: no trap, offsets within the document, and what is taken is written and read back as itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(JSONError) {
        let value = try JSONReader.decode(JSONValue.self, from: bytes)
        let written = value.json
        let back = try JSONReader.decode(JSONValue.self, from: written)
        // Bytes, not values: -0.0 equals 0.0, and Swift's strings are equal by canonical equivalence.
        precondition(back.json == written, "what was written reads back as something else")
        try readTyped(bytes, mustTake: true)
    } catch {
        precondition((0...count).contains(error.offset), "the offset lies outside the document")
        precondition(error.pointer.hasPrefix("#"))
        try? readTyped(bytes, mustTake: false)
    }
    return 0
}

/// A value that knows three members and ignores others; whatever the tree reader refuses, it must refuse as well.
private struct Typed: JSONDecodable {
    init(json: inout JSONReader) throws(JSONError) {
        guard json.current == 0x7B else {
            _ = try json.raw()
            return
        }
        try json.object { m throws(JSONError) in
            _ = try m.optional("a", JSONValue.self)
            _ = try m.optional("b", Typed.self)
            _ = try m.optional("c", [Typed].self)
        }
    }
}

private func readTyped(_ bytes: [UInt8], mustTake: Bool) throws(JSONError) {
    do throws(JSONError) {
        _ = try JSONReader.decode(Typed.self, from: bytes, unknown: .ignore)
        precondition(mustTake, "the typed reader takes what the tree reader refuses")
    } catch {
        // A member of another kind is the typed reader's own refusal.
        precondition(!mustTake || error.code == .wrongType, "the typed reader refuses what the tree reader takes")
    }
}
