/// All commands; finds the one that is meant, and explains them.
struct CommandTable: Sendable {
    let commands: [Command]

    enum Choice: Sendable {
        case run(Command, Arguments)
        case explain(String)
    }

    /// Throws a usage `Stop` that names the nearest command.
    func choose(_ arguments: [String]) throws(Stop) -> Choice {
        let asksHelp = arguments.contains("--help") || arguments.contains("-h") || arguments.first == "help"
        let words = arguments.prefix { !$0.hasPrefix("-") }.filter { $0 != "help" }
        guard let command = commands.first(where: { Array(words.prefix($0.words.count)) == $0.words }) else {
            if words.isEmpty, asksHelp { return .explain(overview) }
            if words.isEmpty { throw .usage("say what to do\n\n\(overview)") }
            let asked = words.joined(separator: " ")
            let nearest = Spelling.nearest(to: asked, among: commands.map(\.name)).map { "; did you mean “\($0)”?" }
            throw .usage("there is no command “\(asked)”\(nearest ?? "")")
        }
        if asksHelp { return .explain(Self.explain(command)) }
        return .run(command, try Arguments(arguments.dropFirst(command.words.count), for: command))
    }

    var overview: String {
        let width = commands.map(\.name.count).max() ?? 0
        let lines = commands.map { "  \(Columns.pad($0.name, to: width + 2))\($0.summary)" }
        return "usage: shaoctl <command> [options]\n\n" + lines.joined(separator: "\n")
            + "\n\nshaoctl <command> --help explains one. Data goes to standard output, talk to standard error.\n"
            + "Exit: 0 done, 1 it did not come out, 64 the command line, 69 something does not answer.\n"
    }

    private static func explain(_ command: Command) -> String {
        let width = command.options.map(\.usage.count).max() ?? 0
        let lines = command.options.map { option in
            let standard = option.standard.map { " (default \($0))" } ?? (option.isRequired ? " (needed)" : "")
            return "  \(Columns.pad(option.usage, to: width + 2))\(option.meaning)\(standard)"
        }
        return "usage: shaoctl \(command.usage)\n\n\(command.story)\n\n" + lines.joined(separator: "\n") + "\n"
    }
}
