public import Contracts

/// Markup that may be sent as it is.
///
/// Literals are written by us and kept; every value put in by interpolation is escaped for the place where it lands: between tags, in a
/// quoted attribute, or after `=` without quotes (quotes are then added). A value that lands where no value is ever safe (inside a
/// tag outside an attribute, in `on…`, `style` or `srcdoc`) is left out. In `href`, `src`, `action` and their like only relative,
/// `http(s)`, `tel` and `mailto` addresses pass; others become `#`.
public struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The text of the markup.
    public private(set) var markup: String

    /// Nothing.
    public init() { markup = "" }
    public init(stringLiteral value: String) { markup = value }
    public init(stringInterpolation: Interpolation) { markup = stringInterpolation.markup }
    /// The one door for markup that is not a literal. Only for text that this code base made itself, never for anything that came in.
    public init(trustedMarkup: String) { markup = trustedMarkup }

    /// UTF-8, for a response body.
    public var bytes: [UInt8] { Array(markup.utf8) }
    public var isEmpty: Bool { markup.isEmpty }

    public static func + (left: HTML, right: HTML) -> HTML { HTML(trustedMarkup: left.markup + right.markup) }
    public static func += (left: inout HTML, right: HTML) { left.markup += right.markup }

    /// Collects literals and values, and follows through the literals where in the markup it is.
    public struct Interpolation: StringInterpolationProtocol {
        var markup = ""
        private var place = MarkupPlace()

        public init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity) }

        public mutating func appendLiteral(_ literal: String) {
            markup += literal
            place.read(literal)
        }

        /// A value from outside: escaped for where it stands.
        public mutating func appendInterpolation(_ value: String) {
            switch place.slot {
            case .text: Escape.append(value, to: &markup)
            case .forbidden: break
            case .attribute(let kind):
                if kind == .refused { break }
                Escape.append(kind == .address ? Escape.address(value) : value, to: &markup)
                place.tookValue()
            case .bareAttribute(let kind):
                markup += "\""
                if kind != .refused { Escape.append(kind == .address ? Escape.address(value) : value, to: &markup) }
                markup += "\""
                place.closedBareValue()
            }
        }

        public mutating func appendInterpolation(_ value: String?) {
            appendInterpolation(value ?? "")
        }

        public mutating func appendInterpolation(_ value: Int) { appendInterpolation(String(value)) }

        /// An address of ours.
        public mutating func appendInterpolation(_ page: PagePath) { appendInterpolation(page.description) }

        /// Markup goes in unchanged between tags; anywhere else it is only a text.
        public mutating func appendInterpolation(_ value: HTML) {
            if case .text = place.slot { markup += value.markup } else { appendInterpolation(value.markup) }
        }

        public mutating func appendInterpolation(_ value: HTML?) {
            if let value { appendInterpolation(value) }
        }

        public mutating func appendInterpolation(_ values: [HTML]) {
            for value in values { appendInterpolation(value) }
        }

        /// Markup only when the condition holds. (A ternary of two literals would be a String and come out escaped.)
        public mutating func appendInterpolation(if condition: Bool, _ value: @autoclosure () -> HTML) {
            if condition { appendInterpolation(value()) }
        }

        /// ` name="value"` inside a tag; nothing when the value is nil.
        public mutating func appendInterpolation(attribute name: StaticString, _ value: String?) {
            guard let value, place.isInTag else { return }
            appendLiteral(" \(name)=\"")
            appendInterpolation(value)
            appendLiteral("\"")
        }

        /// ` name` inside a tag when it is on: checked, selected, disabled, multiple.
        public mutating func appendInterpolation(flag name: StaticString, _ isOn: Bool) {
            guard isOn, place.isInTag else { return }
            appendLiteral(" \(name)")
        }
    }
}

/// Why markup and texts of two languages cannot be put into a String: a page would show `HTML(markup: "<time …`. Nothing throws it.
public struct NotAText: Error {}

/// An overload that throws is chosen and does not compile without `try`; one that is unavailable would silently lose to the general one.
extension DefaultStringInterpolation {
    public mutating func appendInterpolation(_ markup: HTML) throws(NotAText) { throw NotAText() }
    public mutating func appendInterpolation(_ markup: [HTML]) throws(NotAText) { throw NotAText() }
    public mutating func appendInterpolation(_ text: Text) throws(NotAText) { throw NotAText() }
}
