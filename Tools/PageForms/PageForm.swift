/// A form of a page as a browser holds it: where it goes, and what it would send. Whoever fills it in can do no more than a person
/// with a browser: a field that the page does not show, or an answer that it does not offer, is an error.
public struct PageForm: Sendable {
    public struct Control: Sendable, Hashable {
        public enum Kind: Sendable { case hidden, text, choice, choices, file }
        public let name: String
        public let kind: Kind
        /// What may be chosen; empty for what is written.
        public internal(set) var offers: [String] = []
        public internal(set) var values: [String] = []
    }

    /// Why a form cannot be filled in so.
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    public let action: String
    public let method: String
    public let isMultipart: Bool
    public internal(set) var controls: [Control] = []

    init(action: String, method: String, isMultipart: Bool) {
        self.action = action
        self.method = method
        self.isMultipart = isMultipart
    }

    public subscript(_ name: String) -> Control? { controls.first { $0.name == name } }

    /// Whether a person could give all these answers.
    public func takes(_ answers: [String: [String]]) -> Bool {
        var copy = self
        return (try? copy.fill(answers)) != nil
    }

    public mutating func fill(_ answers: [String: [String]]) throws(Refusal) {
        for (name, values) in answers {
            guard let place = controls.firstIndex(where: { $0.name == name && $0.kind != .file }) else {
                throw Refusal(description: "the form \(action) asks for no “\(name)”")
            }
            let control = controls[place]
            switch control.kind {
            case .hidden: throw Refusal(description: "nobody can change the hidden “\(name)” of \(action)")
            case .choice, .choices:
                guard values.allSatisfy(control.offers.contains), control.kind == .choices || values.count == 1 else {
                    throw Refusal(description: "“\(name)” of \(action) offers \(control.offers), not \(values)")
                }
            case .text, .file: break
            }
            controls[place].values = values
        }
    }

    /// Name and value of everything that is sent, in the page's order; files are not among them.
    public var pairs: [(name: String, value: String)] {
        controls.filter { $0.kind != .file }.flatMap { control in control.values.map { (name: control.name, value: $0) } }
    }

    /// `application/x-www-form-urlencoded`
    public var encoded: String {
        pairs.map { "\(Self.encode($0.name))=\(Self.encode($0.value))" }.joined(separator: "&")
    }

    private static func encode(_ text: String) -> String {
        var out = ""
        // A browser sends every line break as CR LF.
        for byte in text.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n").utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "*"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "): out += "+"
            default: out += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }
}
