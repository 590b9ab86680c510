/// What is wrong with a submitted form. Every field keeps what was typed; the same words stand in the summary and beside the field.
public struct FormErrors: Sendable, Hashable {
    public struct Item: Sendable, Hashable {
        /// The field's name; its control has this as `id`.
        public let field: String
        /// What is wrong and what to do, without blame.
        public let message: Text
    }

    public private(set) var items: [Item] = []

    public init() {}
    public init(_ items: KeyValuePairs<String, Text>) { self.items = items.map { Item(field: $0.key, message: $0.value) } }

    public var isEmpty: Bool { items.isEmpty }
    public mutating func add(_ field: String, _ message: Text) { items.append(Item(field: field, message: message)) }
    public func message(for field: String) -> Text? { items.first { $0.field == field }?.message }

    /// The box at the top of the page, which takes the focus with or without script.
    func summary(_ visit: Visit) -> HTML {
        if isEmpty { return HTML() }
        let lines = items.map { "<li><a href=\"#\($0.field)\">\(visit($0.message))</a></li>" as HTML }
        return """
            <div class="errors" role="alert" aria-labelledby="errors-title" tabindex="-1" autofocus data-focus>
            <h2 id="errors-title">\(Icon.warning) \(visit(.needsCorrection))</h2>
            <ul>\(lines)</ul></div>
            """
    }

    /// The message beside a field.
    public func beside(_ field: String, _ visit: Visit) -> HTML {
        guard let message = message(for: field) else { return HTML() }
        return "<p class=\"wrong\" id=\"\(field)-wrong\"><span class=\"sr\">\(visit(.errorPrefix))</span>\(visit(message))</p>"
    }
}
