/// The grammar: what stands at the reader's position, byte by byte, and whether it is strict JSON.
extension JSONReader {
    /// The inside of a string: a range of bytes, and whether it holds escapes.
    struct Text: Sendable {
        let start: Int
        let end: Int
        let isEscaped: Bool
    }

    /// The byte at an offset; 0, which JSON has no use for, past the end.
    func byte(_ offset: Int) -> UInt8 { offset < limit ? bytes[offset] : 0 }

    var current: UInt8 { byte(position) }

    mutating func skipSpace() {
        while position < limit {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position &+= 1
            default: return
            }
        }
    }

    private mutating func take(_ wanted: UInt8) -> Bool {
        guard current == wanted else { return false }
        position &+= 1
        return true
    }

    mutating func expect(_ wanted: UInt8, _ name: String) throws(JSONError) {
        skipSpace()
        guard take(wanted) else { throw unexpected(name) }
    }

    mutating func expectColon() throws(JSONError) {
        skipSpace()
        guard take(0x3A) else { throw unexpected("a colon").asSyntax }
    }

    mutating func enter() throws(JSONError) {
        guard depth < Self.maxDepth else { throw failure(.depth, "more than \(Self.maxDepth) levels", at: position &- 1) }
        depth &+= 1
    }

    /// After an element: true at the closing bracket, false after a comma that is followed by another element.
    mutating func closesOrContinues(with close: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        if take(close) { return true }
        guard take(0x2C) else { throw failure(.syntax, "a comma or the closing bracket is due") }
        skipSpace()
        if current == close { throw failure(.syntax, "a comma stands before the closing bracket") }
        return false
    }

    mutating func takeWord(_ word: StaticString) -> Bool {
        let found = word.withUTF8Buffer { wanted in
            for index in wanted.indices where byte(position &+ index) != wanted[index] { return false }
            return true
        }
        if found { position &+= word.utf8CodeUnitCount }
        return found
    }

    /// Something else stands here: another kind of value is `wrongType`, no value at all is `syntax`.
    func unexpected(_ expected: String) -> JSONError {
        switch current {
        case 0x7B, 0x5B, 0x22, 0x2D, 0x30...0x39, 0x74, 0x66, 0x6E:
            return failure(isWholeWord ? .wrongType : .syntax, "\(expected) is due")
        case 0xEF where byte(position &+ 1) == 0xBB, 0xFE, 0xFF:
            return failure(.utf8, "the text starts with a byte order mark")
        default:
            return failure(.syntax, position < limit ? "\(expected) is due" : "the text ends where \(expected) is due")
        }
    }

    private var isWholeWord: Bool {
        var probe = self
        switch current {
        case 0x74: return probe.takeWord("true")
        case 0x66: return probe.takeWord("false")
        case 0x6E: return probe.takeWord("null")
        default: return true
        }
    }

    // MARK: Passing over a value

    mutating func skipValue() throws(JSONError) {
        if isChecked {
            position = endOfCheckedValue()
            return
        }
        switch current {
        case 0x22: _ = try scanString()
        case 0x2D, 0x30...0x39: try checkNumber()
        case 0x74 where takeWord("true"): break
        case 0x66 where takeWord("false"): break
        case 0x6E where takeWord("null"): break
        case 0x5B: try elements { reader throws(JSONError) in try reader.skipValue() }
        case 0x7B: try skipObject()
        default: throw unexpected("a value").asSyntax
        }
    }

    private mutating func skipObject() throws(JSONError) {
        position &+= 1
        try enter()
        defer { depth &-= 1 }
        skipSpace()
        if take(0x7D) { return }
        repeat {
            skipSpace()
            guard current == 0x22 else { throw unexpected("a member name in quotes").asSyntax }
            let name = try scanString()
            try expectColon()
            skipSpace()
            do { try skipValue() } catch { throw error.inside(String(decoding: unescape(name), as: UTF8.self)) }
        } while try !closesOrContinues(with: 0x7D)
    }

    /// The form is known to be right: only strings and brackets matter.
    private func endOfCheckedValue() -> Int {
        let span = bytes.span
        var index = position
        var nesting = 0
        while index < limit {
            switch span[index] {
            case 0x22:
                index = endOfCheckedString(from: index).end &+ 1
                if nesting == 0 { return index }
                continue
            case 0x7B, 0x5B: nesting &+= 1
            case 0x7D, 0x5D:
                if nesting == 0 { return index }
                nesting &-= 1
                if nesting == 0 { return index &+ 1 }
            case 0x2C, 0x20, 0x0A, 0x0D, 0x09:
                if nesting == 0 { return index }
            default: break
            }
            index &+= 1
        }
        return limit
    }

    // MARK: Strings

    /// From the opening quote to behind the closing one.
    mutating func scanString() throws(JSONError) -> Text {
        let text: Text
        if let hasEscapes {
            // The slice is this one string and has been scanned: from quote to quote.
            text = Text(start: position &+ 1, end: limit &- 1, isEscaped: hasEscapes)
        } else {
            text = isChecked ? endOfCheckedString(from: position) : try endOfString()
        }
        position = text.end &+ 1
        return text
    }

    private func endOfCheckedString(from start: Int) -> Text {
        let span = bytes.span
        var index = start &+ 1
        var isEscaped = false
        while index < limit {
            let byte = span[index]
            if byte == 0x22 { break }
            if byte == 0x5C {
                isEscaped = true
                index &+= 1
            }
            index &+= 1
        }
        return Text(start: start &+ 1, end: min(index, limit), isEscaped: isEscaped)
    }

    private func endOfString() throws(JSONError) -> Text {
        let span = bytes.span
        var index = position &+ 1
        var isEscaped = false
        while index < limit {
            let byte = span[index]
            // Nearly all bytes are plain ASCII or Chinese characters of three bytes, so these go first.
            if byte &- 0x20 < 0x60, byte != 0x22, byte != 0x5C {
                index &+= 1
            } else if byte &- 0xE1 < 0x0C, index &+ 2 < limit, span[index &+ 1] & span[index &+ 2] & 0xC0 == 0x80,
                (span[index &+ 1] | span[index &+ 2]) & 0x40 == 0
            {
                index &+= 3
            } else if byte == 0x22 {
                return Text(start: position &+ 1, end: index, isEscaped: isEscaped)
            } else if byte == 0x5C {
                isEscaped = true
                index = try checkEscape(index)
            } else if byte < 0x20 {
                throw failure(.syntax, "a control character stands in a string", at: index)
            } else {
                index = try checkSequence(byte, span, index)
            }
        }
        throw failure(.syntax, "the text ends within a string", at: limit)
    }

    /// One UTF-8 sequence of two to four bytes (Unicode, table 3-7); the offset behind it.
    private func checkSequence(_ lead: UInt8, _ span: Span<UInt8>, _ index: Int) throws(JSONError) -> Int {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: throw failure(.utf8, "this is not UTF-8", at: index)
        }
        guard index &+ length <= limit, second.contains(span[index &+ 1]),
            length < 3 || span[index &+ 2] & 0xC0 == 0x80, length < 4 || span[index &+ 3] & 0xC0 == 0x80
        else { throw failure(.utf8, "this is not UTF-8", at: index) }
        return index &+ length
    }

    /// One escape, a surrogate pair counting as one; the offset behind it.
    private func checkEscape(_ index: Int) throws(JSONError) -> Int {
        switch byte(index &+ 1) {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return index &+ 2
        case 0x75: break
        default: throw failure(.syntax, "there is no such escape", at: index)
        }
        guard let unit = hexUnit(index &+ 2) else { throw failure(.syntax, "four hex digits are due", at: index) }
        switch unit {
        case 0: throw failure(.syntax, "NUL is not taken", at: index)
        case 0xD800...0xDBFF:
            guard byte(index &+ 6) == 0x5C, byte(index &+ 7) == 0x75, let low = hexUnit(index &+ 8),
                (0xDC00...0xDFFF).contains(low)
            else { throw failure(.utf8, "half of a surrogate pair", at: index) }
            return index &+ 12
        case 0xDC00...0xDFFF: throw failure(.utf8, "half of a surrogate pair", at: index)
        default: return index &+ 6
        }
    }

    private func hexUnit(_ index: Int) -> UInt32? {
        var unit: UInt32 = 0
        for offset in index..<(index &+ 4) {
            let digit = byte(offset)
            switch digit {
            case 0x30...0x39: unit = unit &<< 4 | UInt32(digit &- 0x30)
            case 0x41...0x46: unit = unit &<< 4 | UInt32(digit &- 0x37)
            case 0x61...0x66: unit = unit &<< 4 | UInt32(digit &- 0x57)
            default: return nil
            }
        }
        return unit
    }

    /// The string's UTF-8 with its escapes resolved; `text` has passed the checks above.
    func unescape(_ text: Text) -> [UInt8] {
        guard text.isEscaped else { return Array(bytes[text.start..<text.end]) }
        var out: [UInt8] = []
        out.reserveCapacity(text.end &- text.start)
        var index = text.start
        while index < text.end {
            let byte = bytes[index]
            guard byte == 0x5C else {
                out.append(byte)
                index &+= 1
                continue
            }
            let kind = self.byte(index &+ 1)
            index &+= 2
            switch kind {
            case 0x62: out.append(0x08)
            case 0x66: out.append(0x0C)
            case 0x6E: out.append(0x0A)
            case 0x72: out.append(0x0D)
            case 0x74: out.append(0x09)
            case 0x75:
                var scalar = hexUnit(index) ?? 0xFFFD
                index &+= 4
                if (0xD800...0xDBFF).contains(scalar) {
                    scalar = 0x10000 &+ (scalar &- 0xD800) &<< 10 &+ ((hexUnit(index &+ 2) ?? 0xDC00) &- 0xDC00)
                    index &+= 6
                }
                out.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
            default: out.append(kind)
            }
        }
        return out
    }
}

extension JSONError {
    /// A value of the wrong kind is a matter of types; where any value would do, it is one of grammar.
    var asSyntax: JSONError {
        code == .wrongType ? JSONError(code: .syntax, pointer: pointer, offset: offset, detail: detail) : self
    }
}
