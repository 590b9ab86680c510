/// A command's options as they were given.
struct Arguments: Sendable {
    private var values: [String: String] = [:]
    private var flags: Set<String> = []
    /// In the order of the command's.
    private(set) var operands: [String] = []

    /// Reads what stands behind the command's words. Throws a usage `Stop` that names the nearest option.
    init(_ rest: ArraySlice<String>, for command: Command) throws(Stop) {
        var rest = rest
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                guard operands.count < command.operands.count else { throw .usage("\(command.name) takes no argument “\(argument)”") }
                operands.append(argument)
                continue
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = parts.first ?? ""
            guard let option = command.options.first(where: { $0.name == name }) else {
                let nearest = Spelling.nearest(to: name, among: command.options.map(\.name)).map { "; did you mean --\($0)?" }
                throw .usage("\(command.name) has no option --\(name)\(nearest ?? "")")
            }
            if option.form == .flag {
                if parts.count > 1 { throw .usage("--\(name) takes no value") }
                flags.insert(name)
                continue
            }
            guard let value = parts.count > 1 ? parts.last : rest.popFirst() else { throw .usage("\(option.usage): the value is missing") }
            guard values.updateValue(value, forKey: name) == nil else { throw .usage("--\(name) is there twice") }
        }
        guard operands.count == command.operands.count else {
            throw .usage("\(command.name) needs its <\(command.operands[operands.count])>: shaoctl \(command.usage)")
        }
        for option in command.options where values[option.name] == nil {
            if option.isRequired { throw .usage("\(command.name) needs \(option.usage): \(option.meaning)") }
            values[option.name] = option.standard
        }
    }

    func has(_ flag: String) -> Bool { flags.contains(flag) }

    subscript(name: String) -> String? { values[name] }

    /// The option's text. Throws when it is absent.
    func require(_ name: String) throws(Stop) -> String {
        guard let value = values[name], !value.isEmpty else { throw .usage("--\(name) needs a value") }
        return value
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws(Stop) -> Double {
        let text = try require(name)
        guard let number = Double(text), range.contains(number) else {
            throw .usage("--\(name): “\(text)” is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// `90s`, `10m`, `2h`; nil when the option is absent.
    func duration(_ name: String) throws(Stop) -> Duration? {
        guard let text = values[name] else { return nil }
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        guard let last = text.last, let unit = units[last], let number = Double(text.dropLast()), number > 0, number < 1e6 else {
            throw .usage("--\(name): “\(text)” is not a time such as 90s, 10m or 2h")
        }
        return .milliseconds(Int64(number * unit * 1000))
    }
}

/// What somebody may have meant.
enum Spelling {
    /// The nearest known word, when it is near enough to be a slip.
    static func nearest(to word: String, among known: [String]) -> String? {
        let rated = known.map { ($0, distance(word, $0)) }
        guard let best = rated.min(by: { $0.1 < $1.1 }), best.1 <= max(2, word.count / 2) else { return nil }
        return best.0
    }

    /// Edits (insert, drop, replace) between two words.
    static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a.utf8)
        let b = Array(b.utf8)
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }
}
