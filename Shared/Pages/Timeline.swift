/// What happened, oldest first: who (a unit, never a person), when, in what words, with photos.
public struct Timeline: Sendable {
    public enum Mark: String, Sendable { case done, current, ended, trouble }
    public struct Step: Sendable {
        public var title: String
        public var unit: String?
        /// Milliseconds since 1970; nil for what has yet to come.
        public var at: Int64?
        public var text: String?
        public var photos: [String]
        public var mark: Mark
        public init(
            _ title: String, unit: String? = nil, at: Int64? = nil, text: String? = nil, photos: [String] = [], mark: Mark = .done
        ) {
            self.title = title
            self.unit = unit
            self.at = at
            self.text = text
            self.photos = photos
            self.mark = mark
        }
    }

    public var steps: [Step]
    public init(_ steps: [Step]) { self.steps = steps }

    public func html(for visit: Visit) -> HTML {
        let entries = steps.map { step in
            """
            <li class="\(step.mark.rawValue)"\(attribute: "aria-current", step.mark == .current ? "step" : nil)>
            <h3>\(step.title)</h3>
            <p class="who">\(if: step.unit != nil, "<span class=\"unit\">\(step.unit)</span> ")\(step.at.map { visit.time($0) })</p>
            \(step.text.map { Part.quoted($0) })\(Part.photos(step.photos, visit, what: visit(.photoOf) + step.title))
            </li>
            """ as HTML
        }
        return "<ol class=\"timeline\">\(entries)</ol>"
    }
}
