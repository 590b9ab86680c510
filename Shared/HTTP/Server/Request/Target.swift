/// A request target taken apart: decoded path segments, and the query's parameters.
struct Target {
    /// As sent, without the query.
    let rawPath: String
    /// Decoded one by one, so an encoded slash stays inside its segment.
    let segments: [String]
    /// What can be read of the query.
    let query: Parameters
    /// Why all of it cannot; a page does not mind, everything else refuses it.
    let queryRefusal: Refusal?

    init(_ origin: ArraySlice<UInt8>) throws(Refusal) {
        let path = origin.prefix { $0 != 0x3F }
        rawPath = path.repairedText
        var segments: [String] = []
        for piece in path.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false) {
            segments.append(try Self.segment(piece))
        }
        self.segments = segments
        let encoded = origin.dropFirst(path.count + 1)
        do throws(Refusal) {
            (query, queryRefusal) = (try Parameters(encoded: encoded), nil)
        } catch {
            (query, queryRefusal) = (Parameters(legible: encoded), error)
        }
    }

    private static func segment(_ piece: ArraySlice<UInt8>) throws(Refusal) -> String {
        guard let text = PercentCoding.decode(piece, plusIsSpace: false) else {
            throw .target("a path segment is not percent-encoded UTF-8")
        }
        // Somebody before us may have resolved these differently.
        guard text != ".", text != ".." else { throw .target("a path segment is . or ..") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .target("a path segment holds a control byte") }
        return text
    }
}

enum PercentCoding {
    /// Nil for a bad escape, NUL, or bytes that are no UTF-8.
    static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case .percent:
                guard let high = rest.popFirst()?.hexValue, let low = rest.popFirst()?.hexValue else { return nil }
                let value = high << 4 | low
                if value == 0 { return nil }
                decoded.append(value)
            case 0x2B where plusIsSpace: decoded.append(.space)
            default: decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    /// A parameter as far as it can be read; never a NUL.
    static func repair(_ bytes: ArraySlice<UInt8>) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == .percent, let high = rest.first?.hexValue, let low = rest.dropFirst().first?.hexValue {
                rest = rest.dropFirst(2)
                decoded.append(high << 4 | low)
            } else {
                decoded.append(byte == 0x2B ? .space : byte)
            }
        }
        return String(decoding: decoded.filter { $0 != 0 }, as: UTF8.self)
    }
}

/// Ordered name–value pairs of a query or a form (`application/x-www-form-urlencoded`), decoded strictly.
public struct Parameters: Sendable, Hashable {
    /// More pairs than this are refused: nobody sends them, and each costs memory.
    public static let limit = 200

    /// The pairs in the order sent.
    public internal(set) var pairs: [Pair] = []

    public struct Pair: Sendable, Hashable {
        public let name: String
        public let value: String
    }

    public init() {}

    init(encoded: ArraySlice<UInt8>) throws(Refusal) {
        for piece in encoded.split(separator: 0x26, omittingEmptySubsequences: true) {
            guard pairs.count < Self.limit else {
                throw Refusal(400, "too-many-parameters", "there are more than \(Self.limit) parameters")
            }
            guard let pair = Self.pair(piece) else { throw Refusal(400, "bad-parameters", "a parameter is not percent-encoded UTF-8") }
            pairs.append(pair)
        }
    }

    /// What can be read of it: bad escapes stay as they are, bytes that are no UTF-8 are repaired, pairs above the limit left out.
    init(legible encoded: ArraySlice<UInt8>) {
        pairs = encoded.split(separator: 0x26, omittingEmptySubsequences: true).prefix(Self.limit).map { piece in
            let name = piece.prefix { $0 != 0x3D }
            return Pair(name: PercentCoding.repair(name), value: PercentCoding.repair(piece.dropFirst(name.count + 1)))
        }
    }

    private static func pair(_ piece: ArraySlice<UInt8>) -> Pair? {
        let name = piece.prefix { $0 != 0x3D }
        guard let decodedName = PercentCoding.decode(name, plusIsSpace: true),
            let value = PercentCoding.decode(piece.dropFirst(name.count + 1), plusIsSpace: true)
        else { return nil }
        return Pair(name: decodedName, value: value)
    }

    /// Every value of `name`, in order.
    public func all(_ name: String) -> [String] {
        pairs.compactMap { $0.name == name ? $0.value : nil }
    }

    public var isEmpty: Bool { pairs.isEmpty }
}
