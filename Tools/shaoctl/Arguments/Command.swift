/// One command as the table holds it: what it is called, what it takes, what it does.
struct Command: Sendable {
    /// `ticket`, or noun and verb.
    let words: [String]
    let summary: String
    let options: [Option]
    /// What it does, in some lines, for its `--help`.
    let story: String
    let run: @Sendable (Arguments) async throws -> Void
    /// What stands behind the command without dashes, all of it needed: `service`, `projection`.
    var operands: [String] = []

    /// As the help writes it.
    var usage: String { ([name] + operands.map { "<\($0)>" } + ["[options]"]).joined(separator: " ") }

    var name: String { words.joined(separator: " ") }
}

/// An option of a command.
struct Option: Sendable {
    enum Form: Sendable, Equatable {
        /// Given or not.
        case flag
        /// Takes a value, shown in the help as this.
        case value(String)
    }
    /// Without the dashes.
    let name: String
    let form: Form
    let meaning: String
    let standard: String?
    let isRequired: Bool

    static func flag(_ name: String, _ meaning: String) -> Option {
        Option(name: name, form: .flag, meaning: meaning, standard: nil, isRequired: false)
    }
    static func value(_ name: String, _ shown: String, _ meaning: String, default standard: String? = nil) -> Option {
        Option(name: name, form: .value(shown), meaning: meaning, standard: standard, isRequired: false)
    }
    static func required(_ name: String, _ shown: String, _ meaning: String) -> Option {
        Option(name: name, form: .value(shown), meaning: meaning, standard: nil, isRequired: true)
    }

    /// As the help writes it.
    var usage: String { if case .value(let shown) = form { "--\(name) \(shown)" } else { "--\(name)" } }
}

/// How the program ends.
enum ExitCode {
    static let done: Int32 = 0
    /// It was tried and did not come out.
    static let failed: Int32 = 1
    /// The command line makes no sense (EX_USAGE).
    static let usage: Int32 = 64
    /// Something that is needed does not answer (EX_UNAVAILABLE).
    static let unavailable: Int32 = 69
}

/// Why a command ends early; the reason goes to standard error.
struct Stop: Error, Sendable {
    let code: Int32
    let reason: String

    static func failed(_ reason: String) -> Stop { Stop(code: ExitCode.failed, reason: reason) }
    static func usage(_ reason: String) -> Stop { Stop(code: ExitCode.usage, reason: reason) }
    static func unavailable(_ reason: String) -> Stop { Stop(code: ExitCode.unavailable, reason: reason) }
}
