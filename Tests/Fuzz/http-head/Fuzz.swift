// Built together with the server's framing sources, as one module: see Tests/Fuzz/run.

/// Each input whole, byte by byte, and in pieces whose size the input itself names: all must be framed alike.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let odd = Int(bytes.first ?? 0) % 61 + 2
    let whole = frame(bytes, bytes.count)
    for size in [1, odd] {
        let cut = frame(bytes, size)
        guard cut.requests == whole.requests, cut.refusal == whole.refusal else {
            fatalError("framed differently in pieces of \(size)")
        }
    }
    let form = split(bytes, bytes.count)
    for size in [1, odd] where split(bytes, size) != form { fatalError("split differently in pieces of \(size)") }
    return 0
}

private func frame(_ bytes: [UInt8], _ size: Int) -> Framer {
    var framer = Framer()
    var rest = bytes[...]
    while !rest.isEmpty {
        framer.feed(rest.prefix(size))
        rest = rest.dropFirst(size)
    }
    return framer
}

/// The form's events, neighbouring data joined; or why it was refused, without the data before.
private func split(_ bytes: [UInt8], _ size: Int) -> [String] {
    var splitter = MultipartSplitter(boundary: [0x42], limits: MultipartLimits())
    var events: [String] = []
    var content: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        let piece = Array(rest.prefix(size))
        rest = rest.dropFirst(size)
        var position = 0
        do throws(Refusal) {
            while let event = try splitter.next(piece, &position) {
                switch event {
                case .data(let bytes): content += bytes
                case .part(let header): events.append("\(header)")
                case .partEnd:
                    events.append("\(content)")
                    content = []
                }
            }
        } catch { return events + ["\(error)"] }
    }
    return events + ["\(content) \(splitter.isDone)"]
}
