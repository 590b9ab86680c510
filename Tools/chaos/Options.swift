/// What the command line asks for: `--name value` pairs and flags.
struct Options: Sendable {
    private var values: [String: [String]] = [:]

    static let flags: Set<String> = ["unsafe-kafka", "list", "short", "help"]

    init(_ arguments: ArraySlice<String>) throws {
        var rest = arguments
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else { throw Failure("\"\(argument)\" is no option") }
            let name = String(argument.dropFirst(2))
            if Self.flags.contains(name) {
                values[name] = [""]
                continue
            }
            guard let value = rest.popFirst() else { throw Failure("\(argument) needs a value") }
            values[name, default: []].append(value)
        }
    }

    func has(_ flag: String) -> Bool { values[flag] != nil }
    func text(_ name: String) -> String? { values[name]?.last.flatMap { $0.isEmpty ? nil : $0 } }
    func all(_ name: String) -> [String] { values[name] ?? [] }

    func require(_ name: String) throws -> String {
        guard let text = text(name) else { throw Failure("--\(name) is missing") }
        return text
    }

    func number<N: LosslessStringConvertible>(_ name: String, default standard: N) throws -> N {
        guard let text = text(name) else { return standard }
        guard let number = N(text) else { throw Failure("--\(name): \"\(text)\" is not a number") }
        return number
    }
}
