public import Contracts
public import Pages

/// A field of an action: one declaration for JSON bodies, forms, their labels and their mistakes. A service adds constructors for values
/// of its own.
public struct ActionField<Subject, Value: Sendable>: Sendable {
    public let form: FieldForm<Subject>
    /// What was sent as a value; nothing where a program left the member out.
    public let read: @Sendable ([String]?) -> Result<Value, FieldMistake.Reason>

    public init(form: FieldForm<Subject>, read: @escaping @Sendable ([String]?) -> Result<Value, FieldMistake.Reason>) {
        self.form = form
        self.read = read
    }

    /// The same field, which may be left out or empty.
    public func optional() -> ActionField<Subject, Value?> {
        var form = form
        form.isRequired = false
        return ActionField<Subject, Value?>(form: form) { [read] values in
            (values ?? []).allSatisfy { $0.allSatisfy(\.isWhitespace) } ? .success(nil) : read(values).map { $0 }
        }
    }

    /// The same field, which a program may leave out; a person fills it in.
    public func optionalForPrograms() -> ActionField<Subject, Value?> {
        ActionField<Subject, Value?>(form: form) { [read] values in values == nil ? .success(nil) : read(values).map { $0 } }
    }
}

extension ActionField where Value == PublicText {
    /// Words of a person: scrubbed as they enter.
    public static func words(
        _ name: StaticString, _ title: Text, hint: Text? = nil, limit: WordLimit = .usual, tooLong: FieldMistake.Reason? = nil
    ) -> Self {
        let form = FieldForm<Subject>(name: name, title: title, hint: hint, control: .words(rows: 3, limit: limit.characters))
        let tooLong = tooLong ?? .tooLong(limit)
        return Self(form: form) { values in
            guard let text = values?.first, !text.allSatisfy(\.isWhitespace) else { return .failure(.missing) }
            return limit.holds(text) ? .success(PublicText(scrubbing: text)) : .failure(tooLong)
        }
    }
}

extension ActionField where Value == Bool {
    public static func flag(_ name: StaticString, _ title: Text, yes: Text, no: Text) -> Self {
        Self(form: FieldForm(name: name, title: title, control: .flag(yes: yes, no: no))) { values in
            switch values?.first {
            case "yes": .success(true)
            case "no": .success(false)
            default: .failure(.notChosen)
            }
        }
    }
}

extension ActionField where Value: WireCode {
    /// One of a code's values, always the same ones. `wrong` is said where none of them is chosen.
    public static func choice(
        _ name: StaticString, _ title: Text, hint: Text? = nil, _ offers: KeyValuePairs<Value, Text>, wrong: Text
    ) -> Self {
        let choices = offers.map { FieldChoice($0.key.rawValue, $0.value) }
        let form = FieldForm<Subject>(name: name, title: title, hint: hint, control: .choice({ _ in choices }, proposed: { _ in "" }))
        return Self(form: form) { values in
            guard let text = values?.first, !text.isEmpty else { return .failure(.missing(wrong)) }
            return Value(rawValue: text).map { .success($0) } ?? .failure(.invalid(wrong))
        }
    }
}
