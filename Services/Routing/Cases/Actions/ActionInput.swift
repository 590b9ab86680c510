import Contracts
import HTTP
import JSON

/// What was sent for the fields of an action, by a form or as JSON, before anybody judged it.
struct ActionInput: Sendable {
    private var values: [String: [String]] = [:]

    /// A body of `POST /v1/cases/{id}/<action>`: an object with these members and no others. Nothing at all is an empty object.
    init(json body: [UInt8], for fields: [FieldForm]) throws(JSONError) {
        if body.isEmpty { return }
        var reader = JSONReader(body)
        values = try reader.object { m throws(JSONError) in
            var values: [String: [String]] = [:]
            for field in fields {
                values["\(field.name)"] = try m.readIfPresent(field.name) { value throws(JSONError) in try Self.read(&value, field) }
            }
            return values
        }
        try reader.end()
    }

    /// A form of the desk. What it does not know is nobody's business: the version, the queue.
    init(form: Parameters, for fields: [FieldForm]) throws(Problem) {
        for field in fields {
            let name = "\(field.name)"
            switch field.control {
            case .several, .ids: values[name] = form.all(name)
            default: values[name] = [try form.one(name) ?? ""]
            }
        }
    }

    private static func read(_ value: inout JSONReader, _ field: FieldForm) throws(JSONError) -> [String] {
        switch field.control {
        case .flag: return [try Bool(json: &value) ? "yes" : "no"]
        case .several, .ids: return try [String](json: &value)
        case .words, .line, .day, .choice, .list: return [try value.string(maxBytes: WordLimit.bytes)]
        }
    }

    /// The values of these fields; throws all that is wrong with them at once.
    func read<each V: Sendable>(_ field: repeat ActionField<each V>) throws(FieldMistakes) -> (repeat each V) {
        var mistakes: [FieldMistake] = []
        let read = (repeat value(each field, &mistakes))
        return (repeat try Self.unwrap(each read, mistakes))
    }

    /// What was sent as a value; one that cannot be read is noted.
    private func value<V>(_ field: ActionField<V>, _ mistakes: inout [FieldMistake]) -> Result<V, FieldMistake.Reason> {
        let name = "\(field.form.name)"
        let result = field.read(values[name])
        if case .failure(let reason) = result { mistakes.append(FieldMistake(field: name, reason: reason)) }
        return result
    }

    private static func unwrap<V>(_ result: Result<V, FieldMistake.Reason>, _ mistakes: [FieldMistake]) throws(FieldMistakes) -> V {
        guard case .success(let value) = result, mistakes.isEmpty else { throw FieldMistakes(all: mistakes) }
        return value
    }
}
