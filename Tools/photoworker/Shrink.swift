internal import CVips

/// One photo's way: format by its first bytes, size by its header, then and only then pixels.
struct Shrink {
    private static let quality: Int32 = 82
    private let request: Request

    init(_ request: Request) { self.request = request }

    /// - Parameter ifAllowed: asked with width and height after the header and before the pixels.
    func answer(ifAllowed: (Int, Int) -> Bool) -> Answer {
        guard !request.bytes.isEmpty else { return .refused(.empty) }
        let format = PhotoFormat(request.bytes)
        switch format {
        case .known(let name): return .refused(.unsupported(name))
        case .unknown: return .refused(.notAnImage)
        case .jpeg, .png, .webp, .heif: break
        }
        cv_error_clear()
        let answer = request.bytes.withUnsafeBytes { bytes in
            switch header(bytes) {
            case .failure(let refusal): return Answer.refused(refusal)
            case .success(let (width, height)): return ifAllowed(width, height) ? decode(bytes) : .left
            }
        }
        if case .refused(let refusal) = answer, refusal.code == Refusal.damaged("").code, format.endsEarly(request.bytes) {
            return .refused(.truncated(refusal.text))
        }
        return answer
    }

    /// A small picture of our own, decoded and written: libraries start their threads and fill their tables.
    static func once() -> Bool {
        var bytes: UnsafeMutableRawPointer?
        var count = 0
        guard cv_first_picture(&bytes, &count) == 0, let bytes else { return false }
        defer { cv_free(bytes) }
        let request = Request(edge: 16, bytes: [UInt8](UnsafeRawBufferPointer(start: bytes, count: count)))
        guard case .jpeg = Shrink(request).answer(ifAllowed: { _, _ in true }) else { return false }
        return true
    }

    private func header(_ bytes: UnsafeRawBufferPointer) -> Result<(Int, Int), Refusal> {
        guard let image = cv_open(bytes.baseAddress, bytes.count) else { return .failure(failure()) }
        defer { cv_close(image) }
        let (width, height) = (Int(cv_width(image)), Int(cv_height(image)))
        guard width > 0, height > 0 else { return .failure(.damaged("no pixels")) }
        guard width <= Limits.edge, height <= Limits.edge, width * height <= Limits.pixels else {
            return .failure(.tooManyPixels(width, height))
        }
        return .success((width, height))
    }

    private func decode(_ bytes: UnsafeRawBufferPointer) -> Answer {
        guard let small = cv_thumbnail(bytes.baseAddress, bytes.count, Int32(request.edge)) else { return .refused(failure()) }
        defer { cv_close(small) }
        guard let opaque = cv_flatten(small) else { return .refused(failure()) }
        defer { cv_close(opaque) }
        var output: UnsafeMutableRawPointer?
        var count = 0
        guard cv_jpeg(opaque, Self.quality, &output, &count) == 0, let output else { return .refused(failure()) }
        defer { cv_free(output) }
        let jpeg = [UInt8](UnsafeRawBufferPointer(start: output, count: count))
        return .jpeg(width: Int(cv_width(opaque)), height: Int(cv_height(opaque)), bytes: jpeg)
    }

    /// libvips says why in words only; the decoders' words for a file that stops too early are few.
    private func failure() -> Refusal {
        let text = String(cString: cv_error()).split(separator: "\n").joined(separator: "; ")
        cv_error_clear()
        let words = text.lowercased()
        // libheif says "unsupported color conversion" when it gets no memory for the converted picture.
        let memory = ["out of memory", "unable to allocate", "memory allocation", "unsupported color conversion"]
        if memory.contains(where: words.contains) { return .outOfMemory(text) }
        let early = ["premature end", "end of file", "end of data", "truncated", "eof", "not enough data"]
        return early.contains(where: words.contains) ? .truncated(text) : .damaged(text)
    }
}
