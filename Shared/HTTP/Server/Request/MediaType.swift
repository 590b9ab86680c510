/// A media type with its parameters (RFC 9110, 8.3.1).
struct MediaType {
    let essence: String
    private let rest: ArraySlice<UInt8>

    init(_ value: ArraySlice<UInt8>) {
        let type = value.prefix { $0 != 0x3B }
        essence = String(decoding: type.trimmed.map(\.lowercased), as: UTF8.self)
        rest = value.dropFirst(type.count)
    }

    /// A parameter's value, quotes taken off; nil when it is absent, malformed, or there twice.
    func parameter(_ name: String) -> [UInt8]? {
        HeaderParameters(rest).flatMap { parameters in
            let found = parameters.pairs.filter { $0.name.equalsIgnoringCase(name.utf8) }
            return found.count == 1 ? found.first?.value : nil
        }
    }
}

/// `; name=value; name="quoted"`, as in `Content-Type` and `Content-Disposition`.
struct HeaderParameters {
    private(set) var pairs: [(name: [UInt8], value: [UInt8])] = []

    /// Nil when malformed.
    init?(_ text: ArraySlice<UInt8>) {
        var rest = text.trimmed
        while !rest.isEmpty {
            guard rest.popFirst() == 0x3B else { return nil }
            rest = rest.trimmed
            if rest.isEmpty { return }
            let name = rest.prefix(while: \.isToken)
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, rest.popFirst() == 0x3D, let value = Self.value(&rest, of: name) else { return nil }
            pairs.append((Array(name), value))
            rest = rest.trimmed
        }
    }

    /// A boundary may hold more than a token may, and clients forget the quotes that it then needs.
    private static func value(_ rest: inout ArraySlice<UInt8>, of name: ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.first == 0x22 else {
            let isBoundary = name.equalsIgnoringCase("boundary".utf8)
            let token = rest.prefix { $0.isToken || (isBoundary && $0.isBoundary && $0 != .space) }
            rest = rest.dropFirst(token.count)
            return token.isEmpty ? nil : Array(token)
        }
        rest.removeFirst()
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case 0x22: return value
            case 0x5C:
                // Browsers send a file's backslash as it is; only these two are escapes.
                if let next = rest.first, next == 0x22 || next == 0x5C {
                    rest.removeFirst()
                    value.append(next)
                } else {
                    value.append(byte)
                }
            default: value.append(byte)
            }
        }
        return nil
    }
}
