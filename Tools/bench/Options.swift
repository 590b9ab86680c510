/// What the command line asks for: `--name value` pairs; what follows `--` is a command.
struct Options {
    private var values: [String: [String]] = [:]
    private(set) var command: [String] = []

    init(_ arguments: ArraySlice<String>) throws {
        var rest = arguments
        while let argument = rest.popFirst() {
            if argument == "--" {
                command = Array(rest)
                break
            }
            guard argument.hasPrefix("--"), let value = rest.popFirst() else {
                throw BenchFailure("\"\(argument)\" is not an option with a value")
            }
            values[String(argument.dropFirst(2)), default: []].append(value)
        }
    }

    func text(_ name: String) -> String? { values[name]?.last }
    func all(_ name: String) -> [String] { values[name] ?? [] }

    func number<N: LosslessStringConvertible>(_ name: String) throws -> N? {
        guard let text = text(name) else { return nil }
        guard let number = N(text) else { throw BenchFailure("--\(name): \"\(text)\" is not a number") }
        return number
    }

    func port(_ name: String) throws -> UInt16 {
        guard let port: UInt16 = try number(name) else { throw BenchFailure("--\(name) is missing") }
        return port
    }

    var places: [Reports.Place] {
        all("place").compactMap { text in
            let parts = text.split(separator: ":")
            return parts.count == 2 ? Reports.Place(plate: String(parts[0]), category: String(parts[1])) : nil
        }
    }
}
