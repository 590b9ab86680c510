/// What the first bytes say, before any decoder sees them.
enum PhotoFormat: Equatable {
    case jpeg, png, webp, heif
    case known(String)
    case unknown

    init(_ bytes: [UInt8]) {
        func has(_ text: String, at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: text.utf8) }
        if bytes.starts(with: [0xff, 0xd8, 0xff]) {
            self = .jpeg
        } else if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
            self = .png
        } else if has("RIFF"), has("WEBP", at: 8) {
            self = .webp
        } else if has("ftyp", at: 4) {
            self = Self.container(brand: String(decoding: bytes.dropFirst(8).prefix(4), as: UTF8.self))
        } else if has("GIF8") {
            self = .known("GIF")
        } else if has("BM") {
            self = .known("BMP")
        } else if bytes.starts(with: [0x49, 0x49, 0x2a, 0x00]) || bytes.starts(with: [0x4d, 0x4d, 0x00, 0x2a]) {
            self = .known("TIFF or a camera's raw format")
        } else if has("%PDF") {
            self = .known("PDF")
        } else if Self.looksLikeSVG(bytes) {
            self = .known("SVG")
        } else {
            self = .unknown
        }
    }

    private static func container(brand: String) -> PhotoFormat {
        switch brand {
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1": .heif
        case "avif", "avis": .known("AVIF")
        default: .known("a film")
        }
    }

    private static func looksLikeSVG(_ bytes: [UInt8]) -> Bool {
        let head = String(decoding: bytes.prefix(1_024), as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{feff}" }
        return head.hasPrefix("<") && head.contains("<svg")
    }

    /// Whether the file is shorter than its own structure says. The decoders of these formats have no word of their own for it.
    func endsEarly(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .png: return !Self.contains("IEND", in: bytes.suffix(1_024))
        case .webp:
            let declared = bytes.dropFirst(4).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            return bytes.count < 12 || declared + 8 > bytes.count
        case .heif: return Self.boxesEndEarly(bytes)
        case .jpeg, .known, .unknown: return false
        }
    }

    private static func contains(_ word: String, in bytes: ArraySlice<UInt8>) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: word.utf8) }
    }

    /// Walks the outermost boxes of ISO 14496-12: 32-bit length, type; length 1 means 64 bits follow, 0 means up to the end.
    private static func boxesEndEarly(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            guard bytes.count - start >= 8 else { return true }
            var length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            if length == 0 { return false }
            if length == 1 {
                guard bytes.count - start >= 16 else { return true }
                length = bytes[start + 8..<start + 16].reduce(0) { ($0 & 0xff_ffff_ffff) << 8 | Int($1) }
            }
            guard length >= 8, length <= bytes.count - start else { return true }
            start += length
        }
        return false
    }
}
