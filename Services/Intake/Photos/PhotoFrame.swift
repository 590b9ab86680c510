/// What a worker says on the wire; see the head of Tools/photoworker/main.swift.
enum PhotoFrame: Sendable, Equatable {
    case photo(Photo)
    case refused(code: String, text: String)
    case hello(PhotoPosture)
    /// Of the photo that was sent, before it is decoded.
    case size(width: Int, height: Int)

    /// A 1600-pixel JPEG has half a megabyte; more than this is a worker gone mad.
    private static let largestAnswer = 32 << 20

    enum Parse {
        case whole(PhotoFrame)
        case partial
        case broken
    }

    static func number(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(clamping: value).bigEndian) { Array($0) }
    }

    /// The one frame that the bytes are; a worker never sends a second one unasked.
    static func read(_ bytes: [UInt8]) -> Parse {
        guard let kind = bytes.first else { return .partial }
        let rest = bytes.dropFirst()
        return switch kind {
        case 0: photo(rest)
        case 1: refusal(rest)
        case 2: hello(rest)
        case 3: size(rest)
        default: .broken
        }
    }

    private static func photo(_ bytes: ArraySlice<UInt8>) -> Parse {
        var rest = bytes
        guard let width = number(&rest), let height = number(&rest), let count = number(&rest) else { return .partial }
        guard count <= largestAnswer, rest.count <= count else { return .broken }
        guard rest.count == count else { return .partial }
        return .whole(.photo(Photo(jpeg: Array(rest), width: width, height: height)))
    }

    private static func refusal(_ bytes: ArraySlice<UInt8>) -> Parse {
        var rest = bytes
        guard let codeCount = number(&rest), codeCount <= 100, let code = text(&rest, codeCount) else {
            return bytes.count > 200 ? .broken : .partial
        }
        guard let textCount = number(&rest) else { return .partial }
        guard textCount <= 1_000, rest.count <= textCount else { return .broken }
        guard let text = text(&rest, textCount) else { return .partial }
        return .whole(.refused(code: code, text: text))
    }

    private static func hello(_ bytes: ArraySlice<UInt8>) -> Parse {
        var rest = bytes
        guard let count = number(&rest) else { return .partial }
        guard count <= 1_000, rest.count <= count else { return .broken }
        guard let text = text(&rest, count) else { return .partial }
        return .whole(.hello(PhotoPosture(text)))
    }

    private static func size(_ bytes: ArraySlice<UInt8>) -> Parse {
        var rest = bytes
        guard let width = number(&rest), let height = number(&rest) else { return .partial }
        return rest.isEmpty ? .whole(.size(width: width, height: height)) : .broken
    }

    private static func number(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func text(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> String? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return String(decoding: rest.prefix(count), as: UTF8.self)
    }
}
