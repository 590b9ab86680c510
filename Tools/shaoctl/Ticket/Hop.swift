import JSON

/// One step of a ticket as it is printed.
struct Hop: Sendable {
    /// Chinese word and code.
    let word: String
    let code: String
    let who: String
    /// The event that says so; nil when none was heard.
    let event: Heard?

    init(_ word: String, _ code: String, who: String, _ event: Heard?) {
        self.word = word
        self.code = code
        self.who = who
        self.event = event
    }

    static let header = line("    t/s", "步骤", "hop", "who", "event", "place", "id")

    /// Aligned for a terminal of 120 columns.
    func text(after time: Duration, _ terminal: Terminal) -> String {
        let place = event.map { event in "\(event.topic)/\(event.partition)" + (event.seq.map { " #\($0)" } ?? "") } ?? "—"
        return Self.line(
            Columns.padLeft(Self.seconds(time), to: 7), terminal.styled(Columns.pad(word, to: 10), .green), code, who,
            event?.type ?? "—", place, terminal.styled(event.map { "…" + $0.id.suffix(12) } ?? "", .dim))
    }

    func json(after time: Duration) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("ms", .int(Self.milliseconds(time))), ("hop", .string(code)), ("word", .string(word)), ("who", .string(who)),
        ]
        if let event {
            members += [
                ("event", .string(event.id)), ("type", .string(event.type)), ("topic", .string(event.topic)),
                ("partition", .int(Int64(event.partition))),
            ]
            if let seq = event.seq { members.append(("seq", .int(seq))) }
        }
        return .object(members.map { JSONValue.Member($0.0, $0.1) })
    }

    static func seconds(_ time: Duration) -> String {
        let milliseconds = milliseconds(time)
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    static func milliseconds(_ time: Duration) -> Int64 {
        time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
    }

    private static func line(_ time: String, _ word: String, _ code: String, _ who: String, _ type: String, _ place: String, _ id: String)
        -> String
    {
        let head = word.utf8.contains(0x1B) ? word : Columns.pad(word, to: 10)
        return
            "\(time)  \(head)\(Columns.pad(code, to: 11))\(Columns.pad(who, to: 28))\(Columns.pad(type, to: 23))\(Columns.pad(place, to: 26))\(id)"
    }
}
