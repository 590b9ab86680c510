public import HTTP
public import JSON

/// What was sent for the fields of an action, by a form or as JSON, before anybody judged it.
public struct ActionInput: Sendable, Hashable {
    /// By the fields' names; a member that a program left out is not there, a form's empty field is an empty text.
    public private(set) var values: [String: [String]] = [:]

    /// A longer text of a JSON body is refused before a field looks at it.
    private static let mostBytes = 16_384

    public init(_ values: [String: [String]] = [:]) { self.values = values }

    /// A JSON body that is an object with these members and no others. Nothing at all is an empty object.
    public init<Subject>(json body: [UInt8], for fields: [FieldForm<Subject>]) throws(JSONError) {
        if body.isEmpty { return }
        var reader = JSONReader(body)
        self = try reader.object { m throws(JSONError) in try ActionInput(members: &m, for: fields) }
        try reader.end()
    }

    /// These members of a body that has others as well.
    public init<Subject>(members m: inout JSONMembers, for fields: [FieldForm<Subject>]) throws(JSONError) {
        for field in fields {
            values[field.key] = try m.readIfPresent(field.name) { value throws(JSONError) in try Self.read(&value, field) }
        }
    }

    /// A form. Throws 400 for a field that is there twice and, where there may be no others, 422 for one that is not of these; else what it
    /// holds besides is somebody else's business: the version, the queue.
    public init<Subject>(form: Parameters, for fields: [FieldForm<Subject>], andNoOthers: Bool = false) throws(Problem) {
        if andNoOthers, let foreign = form.pairs.first(where: { pair in !fields.contains { $0.key == pair.name } }) {
            throw .wrong("#/\(foreign.name)", "unknown-member", "There is no such field.")
        }
        for field in fields { values[field.key] = field.takesSeveral ? form.all(field.key) : [try form.one(field.key) ?? ""] }
    }

    /// What could be read of a form that is refused as a whole: shown again, never done.
    public init<Subject>(legible form: Parameters, for fields: [FieldForm<Subject>]) {
        for field in fields { values[field.key] = field.takesSeveral ? form.all(field.key) : [form.all(field.key).first ?? ""] }
    }

    private static func read<Subject>(_ value: inout JSONReader, _ field: FieldForm<Subject>) throws(JSONError) -> [String] {
        switch field.control {
        case .flag: return [try Bool(json: &value) ? "yes" : "no"]
        case .several, .ids: return try [String](json: &value)
        default: return [try value.string(maxBytes: mostBytes).withPlainLineBreaks]
        }
    }

    /// The values of these fields; throws all that is wrong with them at once.
    public func read<Subject, each V: Sendable>(
        _ field: repeat ActionField<Subject, each V>
    ) throws(FieldMistakes) -> (repeat each V) {
        var mistakes: [FieldMistake] = []
        let read = (repeat value(each field, &mistakes))
        return (repeat try Self.unwrap(each read, mistakes))
    }

    /// What was sent as a value; one that cannot be read is noted.
    private func value<Subject, V>(_ field: ActionField<Subject, V>, _ mistakes: inout [FieldMistake]) -> Result<V, FieldMistake.Reason> {
        let result = field.read(values[field.form.key])
        if case .failure(let reason) = result { mistakes.append(FieldMistake(field: field.form.key, reason: reason)) }
        return result
    }

    private static func unwrap<V>(_ result: Result<V, FieldMistake.Reason>, _ mistakes: [FieldMistake]) throws(FieldMistakes) -> V {
        guard case .success(let value) = result, mistakes.isEmpty else { throw FieldMistakes(all: mistakes) }
        return value
    }
}

extension FieldForm {
    fileprivate var takesSeveral: Bool {
        switch control {
        case .several, .ids: true
        default: false
        }
    }
}

extension HTTPRequest {
    /// The JSON body of an action that may come without one. Throws 415 unless it says that it is JSON, 400 when it is none, 422 when a
    /// member is wrong.
    public func input<Subject>(for fields: [FieldForm<Subject>]) throws(Problem) -> ActionInput {
        guard body.isEmpty || contentType == "application/json" || contentType?.hasSuffix("+json") == true else {
            throw Problem(415, "unsupported-media-type", detail: "this route takes application/json")
        }
        do { return try ActionInput(json: body, for: fields) } catch { throw Problem(error) }
    }
}
