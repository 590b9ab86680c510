/// The members of one object: an index of slices in a small array, found by name when asked for, in any order.
///
/// Each name may be asked for once; asking marks the member as known.
public struct JSONMembers {
    private struct Member {
        let name: JSONReader.Text
        /// Place of an unescaped name in `unescaped`; -1 when the name stands in the document as it is.
        let unescapedIndex: Int
        let valueStart: Int
        let valueEnd: Int
        /// For string values only.
        let hasEscapes: Bool?
        var isKnown = false
    }

    private let reader: JSONReader
    private let start: Int
    private var members: [Member] = []
    private var unescaped: [[UInt8]] = []
    /// Names seen, kept only for wide objects: comparing each with each is faster for few and quadratic for many.
    private var seen: Set<[UInt8]> = []
    /// Writers keep an order and readers ask in the same one, so the next member is the first guess.
    private var guess = 0

    private static let wide = 24

    init(_ reader: inout JSONReader) throws(JSONError) {
        reader.skipSpace()
        start = reader.position
        try reader.expect(0x7B, "an object")
        try reader.enter()
        self.reader = reader
        members.reserveCapacity(16)
        reader.skipSpace()
        if reader.current == 0x7D {
            reader.position &+= 1
        } else {
            repeat { try scanMember(&reader) } while try !reader.closesOrContinues(with: 0x7D)
        }
        reader.depth &-= 1
    }

    /// Number of members in the object.
    public var count: Int { members.count }

    /// Whether a member of that name is there, `null` or not. Does not mark it as known.
    public func contains(_ name: StaticString) -> Bool { index(of: name) != nil }

    /// Reads a member that must be there.
    public mutating func required<T: JSONDecodable>(_ name: StaticString, _ type: T.Type = T.self) throws(JSONError) -> T {
        try read(name) { reader throws(JSONError) in try T(json: &reader) }
    }

    /// Reads a member that may be absent or `null`.
    public mutating func optional<T: JSONDecodable>(_ name: StaticString, _ type: T.Type = T.self) throws(JSONError) -> T? {
        try readIfPresent(name) { reader throws(JSONError) in try T(json: &reader) }
    }

    /// Reads a member that must be there with a function of its own, for limits:
    /// `try m.read("text") { try $0.string(maxBytes: 2_000) }`.
    public mutating func read<R>(
        _ name: StaticString, _ body: (inout JSONReader) throws(JSONError) -> R
    ) throws(JSONError) -> R {
        guard let index = index(of: name) else {
            throw JSONError(code: .missingMember, offset: start, detail: "this member must be there").inside("\(name)")
        }
        return try read(at: index, body)
    }

    /// As ``read(_:_:)``, `nil` when absent or `null`.
    public mutating func readIfPresent<R>(
        _ name: StaticString, _ body: (inout JSONReader) throws(JSONError) -> R
    ) throws(JSONError) -> R? {
        guard let index = index(of: name) else { return nil }
        if reader.byte(members[index].valueStart) == 0x6E {
            members[index].isKnown = true
            guess = index &+ 1
            return nil
        }
        return try read(at: index, body)
    }

    /// Reads every member not asked for yet, in the document's order: for objects used as maps.
    public mutating func forEachRemaining(
        _ body: (String, inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        for index in members.indices where !members[index].isKnown {
            let name = nameText(members[index])
            try read(at: index) { reader throws(JSONError) in try body(name, &reader) }
        }
    }

    // MARK: Steps

    private mutating func scanMember(_ reader: inout JSONReader) throws(JSONError) {
        reader.skipSpace()
        guard reader.current == 0x22 else { throw reader.unexpected("a member name in quotes").asSyntax }
        let nameStart = reader.position
        let name = try reader.scanString()
        var unescapedIndex = -1
        if name.isEscaped {
            unescapedIndex = unescaped.count
            unescaped.append(Array(reader.unescape(name)))
        }
        try refuseDuplicate(name, unescapedIndex, at: nameStart)
        try reader.expectColon()
        reader.skipSpace()
        let valueStart = reader.position
        var hasEscapes: Bool?
        do {
            if reader.current == 0x22 { hasEscapes = try reader.scanString().isEscaped } else { try reader.skipValue() }
        } catch {
            throw error.inside(text(name, unescapedIndex))
        }
        members.append(
            Member(
                name: name, unescapedIndex: unescapedIndex, valueStart: valueStart, valueEnd: reader.position,
                hasEscapes: hasEscapes))
    }

    private mutating func refuseDuplicate(_ name: JSONReader.Text, _ unescapedIndex: Int, at offset: Int) throws(JSONError) {
        // A checked slice may still hold duplicates: the outer scan looks at form only.
        let isDuplicate: Bool
        if members.count < Self.wide {
            isDuplicate = members.contains { same($0, name, unescapedIndex) }
        } else {
            if seen.isEmpty { for member in members { seen.insert(Array(utf8(member.name, member.unescapedIndex))) } }
            isDuplicate = !seen.insert(Array(utf8(name, unescapedIndex))).inserted
        }
        if isDuplicate {
            throw JSONError(code: .duplicateMember, offset: offset, detail: "this member is there twice")
                .inside(text(name, unescapedIndex))
        }
    }

    private func same(_ member: Member, _ name: JSONReader.Text, _ unescapedIndex: Int) -> Bool {
        if member.unescapedIndex < 0, unescapedIndex < 0 {
            let count = name.end &- name.start
            guard member.name.end &- member.name.start == count else { return false }
            let span = reader.bytes.span
            for index in 0..<count where span[member.name.start &+ index] != span[name.start &+ index] { return false }
            return true
        }
        return utf8(member.name, member.unescapedIndex) == utf8(name, unescapedIndex)
    }

    private func utf8(_ name: JSONReader.Text, _ unescapedIndex: Int) -> ArraySlice<UInt8> {
        unescapedIndex < 0 ? reader.bytes[name.start..<name.end] : unescaped[unescapedIndex][...]
    }

    private func text(_ name: JSONReader.Text, _ unescapedIndex: Int) -> String {
        String(decoding: utf8(name, unescapedIndex), as: UTF8.self)
    }

    private func nameText(_ member: Member) -> String { text(member.name, member.unescapedIndex) }

    private func index(of name: StaticString) -> Int? {
        for index in guess..<max(guess, members.count) where matches(members[index], name) { return index }
        for index in 0..<min(guess, members.count) where matches(members[index], name) { return index }
        return nil
    }

    private func matches(_ member: Member, _ name: StaticString) -> Bool {
        if member.unescapedIndex < 0, member.name.end &- member.name.start != name.utf8CodeUnitCount { return false }
        return name.withUTF8Buffer { wanted in
            let span = reader.bytes.span
            if member.unescapedIndex >= 0 { return unescaped[member.unescapedIndex].elementsEqual(wanted) }
            for index in wanted.indices where span[member.name.start &+ index] != wanted[index] { return false }
            return true
        }
    }

    private mutating func read<R>(
        at index: Int, _ body: (inout JSONReader) throws(JSONError) -> R
    ) throws(JSONError) -> R {
        members[index].isKnown = true
        guess = index &+ 1
        let member = members[index]
        var value = JSONReader(
            reader.bytes, member.valueStart..<member.valueEnd, depth: reader.depth, unknown: reader.unknownMembers,
            isChecked: true, hasEscapes: member.hasEscapes)
        do {
            let result = try body(&value)
            try value.end()
            return result
        } catch {
            throw error.inside(nameText(member))
        }
    }

    /// Judges the members nobody asked for. Ignored ones are read as a tree once, which finds duplicates within them.
    mutating func finish(_ unknown: UnknownMembers) throws(JSONError) {
        for index in members.indices where !members[index].isKnown {
            switch unknown {
            case .refuse:
                throw JSONError(code: .unknownMember, offset: members[index].name.start, detail: "nobody knows this member")
                    .inside(nameText(members[index]))
            case .ignore:
                _ = try read(at: index) { reader throws(JSONError) in try reader.value() }
            }
        }
    }
}
