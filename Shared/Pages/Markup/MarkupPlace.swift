/// Where in the markup the reader of literals stands: a small part of HTML's own tokenizer, enough for literals written by us.
struct MarkupPlace {
    enum AttributeKind { case plain, address, refused }
    enum Slot {
        case text, forbidden
        case attribute(AttributeKind)
        case bareAttribute(AttributeKind)
    }
    private enum State: Equatable {
        case text, tag, afterEquals
        case quoted(UInt8)
        case bare
    }

    private var state = State.text
    private var name: [UInt8] = []
    private var nameEnded = true
    private var valueIsEmpty = true

    var isInTag: Bool { state == .tag }

    var slot: Slot {
        switch state {
        case .text: .text
        case .tag, .bare: .forbidden
        case .afterEquals: .bareAttribute(kind)
        case .quoted: .attribute(kind)
        }
    }

    mutating func tookValue() { valueIsEmpty = false }
    mutating func closedBareValue() {
        state = .tag
        nameEnded = true
    }

    mutating func read(_ literal: String) {
        for byte in literal.utf8 { read(byte) }
    }

    private mutating func read(_ byte: UInt8) {
        switch state {
        case .text:
            if byte == UInt8(ascii: "<") {
                state = .tag
                name = []
                nameEnded = true
            }
        case .tag: readInTag(byte)
        case .afterEquals:
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                state = .quoted(byte)
                valueIsEmpty = true
            case UInt8(ascii: ">"): state = .text
            case 0x20, 0x09, 0x0A: break
            default: state = .bare
            }
        case .quoted(let quote):
            if byte == quote { closedBareValue() } else { valueIsEmpty = false }
        case .bare:
            if byte == UInt8(ascii: ">") { state = .text } else if byte == 0x20 || byte == 0x0A { closedBareValue() }
        }
    }

    private mutating func readInTag(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: ">"): state = .text
        case UInt8(ascii: "="): state = .afterEquals
        case 0x20, 0x09, 0x0A, 0x0D: nameEnded = true
        default:
            if nameEnded { name = [] }
            nameEnded = false
            name.append(byte | 0x20)
        }
    }

    /// An address is judged only where the value begins it: in `href="/q/…"` the literal has already fixed the scheme.
    private var kind: AttributeKind {
        let text = String(decoding: name, as: UTF8.self)
        if text.hasPrefix("on") || text == "style" || text == "srcdoc" { return .refused }
        let addresses: Set<String> = ["href", "src", "action", "formaction", "poster", "xlink:href", "data", "cite"]
        return addresses.contains(text) && valueIsEmpty ? .address : .plain
    }
}
