import Contracts
import Pages

/// A field of an action: one declaration for JSON bodies, the desk's forms, their labels and their mistakes.
struct ActionField<Value: Sendable>: Sendable {
    let form: FieldForm
    /// What was sent as a value; nothing where a program left the member out.
    let read: @Sendable ([String]?) -> Result<Value, FieldMistake.Reason>
}

/// How a field looks and what it takes, whatever its value becomes.
struct FieldForm: Sendable {
    /// One of the answers that a field offers.
    struct Choice: Sendable, Hashable {
        let code: String
        let name: Text

        init(_ code: String, _ name: Text) {
            self.code = code
            self.name = name
        }
    }
    /// What the choices depend on.
    struct Scene: Sendable {
        let serviceCase: ServiceCase
        let city: City
    }
    typealias Choices = @Sendable (Scene) -> [Choice]

    enum Control: Sendable {
        /// Several lines of text.
        case words
        case line
        case day
        /// Yes or no, in words.
        case flag(yes: Text, no: Text)
        /// One of few, all in view; a single one is taken without asking.
        case choice(Choices, proposed: @Sendable (Scene) -> String)
        /// One of many.
        case list(Choices)
        /// Any number of them.
        case several(Choices)
        /// Ids, for programs only.
        case ids
    }

    let name: StaticString
    let title: Text
    var hint: Text?
    let control: Control
    var isRequired = true
}

/// What is wrong with a field.
struct FieldMistake: Error, Hashable, Sendable {
    /// A stable code for programs, words for people.
    struct Reason: Error, Hashable, Sendable {
        let code: String
        let words: Text

        static let missing = Reason(code: "missing-member", words: Text("请填写", "Please fill in"))
        static let notChosen = Reason(code: "missing-member", words: Text("请选择或填写", "Please choose or fill in"))
        static let tooLong = Reason(
            code: "too-long",
            words: Text("太长，请缩短到 \(WordLimit.characters) 字以内", "Too long: at most \(WordLimit.characters) characters"))
        static func invalid(_ words: Text) -> Reason { Reason(code: "invalid-value", words: words) }
    }
    let field: String
    let reason: Reason
}

/// All that is wrong with what was sent; never empty.
struct FieldMistakes: Error, Hashable, Sendable {
    var all: [FieldMistake]
}

extension ActionField {
    /// The same field, which may be left out or empty.
    func optional() -> ActionField<Value?> {
        var form = form
        form.isRequired = false
        return ActionField<Value?>(form: form) { [read] values in
            (values ?? []).allSatisfy { $0.allSatisfy(\.isWhitespace) } ? .success(nil) : read(values).map { $0 }
        }
    }

    /// The same field, which a program may leave out; a person fills it in.
    func optionalForPrograms() -> ActionField<Value?> {
        ActionField<Value?>(form: form) { [read] values in values == nil ? .success(nil) : read(values).map { $0 } }
    }

    fileprivate static var unknown: FieldMistake.Reason { .invalid(Text("没有这个选项", "There is no such choice")) }
}

extension ActionField<PublicText> {
    /// Words of a person: scrubbed as they enter.
    static func words(_ name: StaticString, _ title: Text, hint: Text? = nil) -> Self {
        Self(form: FieldForm(name: name, title: title, hint: hint, control: .words)) { values in
            guard let text = values?.first, !text.allSatisfy(\.isWhitespace) else { return .failure(.missing) }
            return WordLimit.holds(text) ? .success(PublicText(scrubbing: text)) : .failure(.tooLong)
        }
    }
}

extension ActionField<Timestamp> {
    /// A day's end, or a moment for programs.
    static func day(_ name: StaticString, _ title: Text) -> Self {
        Self(form: FieldForm(name: name, title: title, control: .day)) { values in
            guard let text = values?.first, !text.isEmpty else { return .failure(.notChosen) }
            if let moment = ChineseDay(text)?.at(minute: 1_440) ?? Timestamp(text) { return .success(moment) }
            return .failure(.invalid(Text("请填写日期，例如 2026-12-01", "A date such as 2026-12-01")))
        }
    }
}

extension ActionField<Bool> {
    static func flag(_ name: StaticString, _ title: Text, yes: Text, no: Text) -> Self {
        Self(form: FieldForm(name: name, title: title, control: .flag(yes: yes, no: no))) { values in
            switch values?.first {
            case "yes": .success(true)
            case "no": .success(false)
            default: .failure(.notChosen)
            }
        }
    }
}

extension ActionField where Value: TitledCode {
    /// One of a code's values. `proposed` stands chosen.
    static func code(
        _ name: StaticString, _ title: Text, _ codes: @escaping @Sendable (ServiceCase) -> [Value],
        proposed: @escaping @Sendable (ServiceCase) -> Value? = { _ in nil }
    ) -> Self {
        let choices: FieldForm.Choices = { scene in codes(scene.serviceCase).map { .init($0.rawValue, Text($0.titles)) } }
        let control = FieldForm.Control.choice(choices, proposed: { proposed($0.serviceCase)?.rawValue ?? "" })
        return Self(form: FieldForm(name: name, title: title, control: control)) { values in
            guard let text = values?.first, !text.isEmpty else { return .failure(.notChosen) }
            return Value(rawValue: text).map { .success($0) } ?? .failure(unknown)
        }
    }
}

extension ActionField<DepartmentCode> {
    static func department(_ name: StaticString, _ title: Text) -> Self {
        Self(form: FieldForm(name: name, title: title, control: .list { $0.departments })) { values in
            guard let text = values?.first, !text.isEmpty else { return .failure(.notChosen) }
            return DepartmentCode(text).map { .success($0) } ?? .failure(unknown)
        }
    }
}

extension ActionField<[DepartmentCode]?> {
    static func departments(_ name: StaticString, _ title: Text, hint: Text?) -> Self {
        let form = FieldForm(name: name, title: title, hint: hint, control: .several { $0.departments }, isRequired: false)
        return Self(form: form) { values in
            guard let codes = values?.map({ DepartmentCode($0) }) else { return .success(nil) }
            return codes.contains(nil) ? .failure(unknown) : .success(codes.compactMap(\.self))
        }
    }
}

extension ActionField<DispatchID?> {
    /// Which of the open disputes; a program may leave it out where there is one only.
    static func dispute(_ name: StaticString, _ title: Text) -> Self {
        let form = FieldForm(
            name: name, title: title, control: .choice({ $0.disputes }, proposed: { _ in "" }), isRequired: false)
        return Self(form: form) { values in
            guard let text = values?.first, !text.isEmpty else { return .success(nil) }
            return DispatchID(text).map { .success($0) } ?? .failure(unknown)
        }
    }
}

extension ActionField<OtherCase> {
    /// Programs name a case by its id, people by its number.
    static func otherCase(_ name: StaticString, _ title: Text, hint: Text?) -> Self {
        Self(form: FieldForm(name: name, title: title, hint: hint, control: .line)) { values in
            guard let text = values?.first, !text.allSatisfy(\.isWhitespace) else { return .failure(.missing) }
            if let id = CaseID(text) { return .success(.id(id)) }
            if let number = TicketNumber(asTyped: text) { return .success(.number(number)) }
            return .failure(.invalid(.noSuchCase))
        }
    }
}

extension ActionField<[PhotoID]> {
    static func photos(_ name: StaticString) -> Self {
        let form = FieldForm(name: name, title: Text("照片", "Photos"), control: .ids, isRequired: false)
        return Self(form: form) { values in
            let ids = (values ?? []).map { PhotoID($0) }
            return ids.contains(nil) ? .failure(unknown) : .success(ids.compactMap(\.self))
        }
    }
}

extension FieldForm.Scene {
    var departments: [FieldForm.Choice] {
        city.directory.departments.values.sorted { $0.code < $1.code }.map { .init($0.code.description, Text(verbatim: $0.name)) }
    }

    /// Those that are open, by the order that they are about.
    var disputes: [FieldForm.Choice] {
        serviceCase.openDisputes.map { dispute in
            let (unit, ground) = (city.name(of: .department(dispute.department)), dispute.ground.titles)
            return .init(dispute.dispatch.description, Text("\(unit)：\(ground.zhHans)", "\(unit): \(ground.english)"))
        }
    }
}

/// A code of the contracts with its names.
protocol TitledCode: WireCode {
    var titles: Titles { get }
}
extension WorkEnding: TitledCode {}
extension WhistleKind: TitledCode {}
extension Verdict: TitledCode {}

extension Text {
    init(_ titles: Titles) { self.init(titles.zhHans, titles.english) }
}

extension TicketNumber {
    /// As people type it: with blanks, in small letters.
    init?(asTyped text: String) { self.init(text.filter { !$0.isWhitespace }.uppercased()) }
}
