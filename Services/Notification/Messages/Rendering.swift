import Contracts

/// Turns a template and facts into a message: a pure function, escaped for the channel it leaves by.
enum Rendering {
    static func message(_ template: Template, _ facts: Facts, language: Language, channel: DeliveryChannel) -> Message {
        Message(
            subject: fill(template.subject[language], facts) { Escaping.line($0, limit: 60) },
            text: fill(body(template, facts, language), facts) { Escaping.value($0, for: channel) })
    }

    /// Without the lines that would say nothing: a time limit that there is not, the desk's address for who has none.
    private static func body(_ template: Template, _ facts: Facts, _ language: Language) -> String {
        template.body[language].split(separator: "\n").filter { line in
            let named = Fact.allCases.filter { line.contains("{\($0.rawValue)}") }
            return named.isEmpty || named.contains(where: facts.knows)
        }.joined(separator: "\n")
    }

    /// Facts are put in as they are met, so a `{number}` within a fact stays what it is.
    private static func fill(_ text: String, _ facts: Facts, _ escape: (String) -> String) -> String {
        var out = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            out += rest[..<open]
            if let fact = Fact(rawValue: String(rest[rest.index(after: open)..<close])) {
                // Links are ours, and useless when cut.
                out += fact.isLink ? facts[fact] : escape(facts[fact])
            }
            rest = rest[rest.index(after: close)...]
        }
        return out + rest
    }
}

/// What people wrote must not change a message's form: no line of its own where there is one line, no control characters, no
/// characters that turn the reading direction, no length that pushes the rest out.
enum Escaping {
    static func value(_ text: String, for channel: DeliveryChannel) -> String {
        switch channel {
        case .sms: line(text, limit: 120)
        case .wechat: line(text, limit: 200)
        case .email, .webhook, .board: lines(text, limit: 4_000)
        }
    }

    /// One line: whatever breaks or spaces becomes one blank.
    static func line(_ text: String, limit: Int) -> String {
        var out = String.UnicodeScalarView()
        var gap = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || isControl(scalar) {
                gap = !out.isEmpty
            } else if !isInvisible(scalar) {
                if gap { out.append(" ") }
                gap = false
                out.append(scalar)
            }
        }
        return cut(String(out), limit)
    }

    /// Several lines, as written. Browsers and mail send a line's end as CR LF, which is one `Character` of its own.
    static func lines(_ text: String, limit: Int) -> String {
        cut(
            text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line(String($0), limit: limit) }
                .joined(separator: "\n"),
            limit)
    }

    private static func cut(_ text: String, _ limit: Int) -> String {
        text.count <= limit ? text : text.prefix(limit - 1) + "…"
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }

    /// Direction marks, joiners, byte order marks. Joined emoji fall apart into their members, which is little to lose.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .format }
}
