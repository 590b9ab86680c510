public import HTTP
public import Pages

/// What is wrong with a field.
public struct FieldMistake: Error, Hashable, Sendable {
    /// A stable code for programs, words for people: said once, for every door.
    public struct Reason: Error, Hashable, Sendable {
        public let code: String
        public let words: Text
        /// The code of the problem as a whole.
        public var problem = "invalid"
        /// Which of several values.
        public var place: Int?

        public init(code: String, words: Text) { (self.code, self.words) = (code, words) }

        /// A mistake that has a problem of its own.
        public init(problem code: String, _ words: Text) {
            self.init(code: code, words: words)
            problem = code
        }

        public static let missing = missing(Text("请填写", "Please fill in"))
        public static let notChosen = missing(Text("请选择或填写", "Please choose or fill in"))
        public static func missing(_ words: Text) -> Reason { Reason(code: "missing-member", words: words) }
        public static func invalid(_ words: Text) -> Reason { Reason(code: "invalid-value", words: words) }
        public static let unknown = invalid(Text("没有这个选项", "There is no such choice"))
        public static func tooLong(_ limit: WordLimit) -> Reason {
            Reason(
                code: "too-long", words: Text("太长，请缩短到 \(limit.characters) 字以内", "Too long: at most \(limit.characters) characters"))
        }

        public func at(_ place: Int) -> Reason {
            var copy = self
            copy.place = place
            return copy
        }
    }

    public let field: String
    public let reason: Reason

    public init(field: String, reason: Reason) { (self.field, self.reason) = (field, reason) }

    /// `#/reasons/1`
    var pointer: String { "#/\(field)\(reason.place.map { "/\($0)" } ?? "")" }
}

/// All that is wrong with what was sent; never empty.
public struct FieldMistakes: Error, Hashable, Sendable {
    public var all: [FieldMistake]

    public init(all: [FieldMistake]) { self.all = all }
}

extension Problem {
    /// 422 with every field that is wrong.
    public static func invalid(_ mistakes: FieldMistakes) -> Problem {
        Problem(
            422, mistakes.all.first?.reason.problem ?? "invalid",
            errors: mistakes.all.map { .init(pointer: $0.pointer, code: $0.reason.code, detail: $0.reason.words.english) })
    }
}

extension Problem {
    /// 422 for one member, at its pointer, with a code of its own.
    public static func wrong(_ pointer: String, _ code: String, _ detail: String) -> Problem {
        Problem(422, code, detail: detail, errors: [.init(pointer: pointer, code: code, detail: detail)])
    }
}

extension FormErrors {
    /// Beside the fields. `scope` goes before their names, where one page holds several forms.
    public init(_ mistakes: FieldMistakes, scope: String = "") {
        self.init()
        for mistake in mistakes.all { add(scope + mistake.field, mistake.reason.words) }
    }
}
