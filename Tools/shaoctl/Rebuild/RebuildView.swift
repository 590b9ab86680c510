/// A rebuild as a line that moves, then a table, then a verdict.
struct RebuildView {
    private let terminal: Terminal
    private let title: String
    private var told = ""

    private static let width = 28

    init(_ terminal: Terminal, title: String) {
        self.terminal = terminal
        self.title = title
    }

    /// Where nobody looks on, a line for each phase only.
    mutating func show(_ report: RebuildReport) {
        if !terminal.isTerminal, told == report.phase { return }
        told = report.phase
        terminal.refresh(Self.line(report, title, terminal))
    }

    private static func line(_ report: RebuildReport, _ title: String, _ terminal: Terminal) -> String {
        let share = report.total > 0 ? min(1, Double(report.applied) / Double(report.total)) : (report.isEnd ? 1 : 0)
        let full = Int(share * Double(width))
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
        var line = "\(title)  \(terminal.styled(bar, .cyan)) \(Columns.padLeft("\(Int(share * 100))", to: 3)) %  "
        line += "\(grouped(report.applied)) of \(grouped(report.total)) events"
        if report.rate >= 1 { line += " · \(grouped(Int64(report.rate)))/s" }
        return line + " · \(seconds(report.milliseconds)) s · \(report.phase)"
    }

    /// Prints what was compared and how it ended. Throws when it did not come out, or when a check found a difference.
    func conclude(_ report: RebuildReport) throws(Stop) {
        if terminal.isTerminal { terminal.say("") }
        printTables(report)
        if report.phase == "cancelled" { throw .failed("it was ended; nothing of it is left") }
        if report.phase != "done" { throw .failed(report.trouble ?? "it failed") }
        let time = "\(grouped(report.applied)) events in \(seconds(report.milliseconds)) s"
        let found =
            report.differing.isEmpty
            ? "live and rebuilt tables are equal" : "\(report.differing.count) of \(report.tables.count) tables differ"
        if report.isCheck {
            if !report.differing.isEmpty { throw .failed("\(title): \(found); \(time)") }
            return terminal.say(terminal.styled("\(title): \(found)", .green) + "; \(time)")
        }
        terminal.say(
            terminal.styled("\(title) rebuilt and swapped in", .green) + ": \(time), consumers held for \(report.held) ms at most; "
                + (report.differing.isEmpty ? found : terminal.styled("\(found) from what was there", .yellow)))
    }

    private func printTables(_ report: RebuildReport) {
        guard !report.tables.isEmpty else { return }
        let width = max(5, report.tables.map(\.name.count).max() ?? 0) + 2
        terminal.say(
            "  \(Columns.pad("table", to: width))\(Columns.padLeft("live rows", to: 12))\(Columns.padLeft("rebuilt rows", to: 14))")
        for table in report.tables {
            let verdict =
                table.isEqual
                ? terminal.styled("equal", .green)
                : terminal.styled("differs", .red)
                    + ": \(grouped(table.onlyLive)) rows only live, \(grouped(table.onlyRebuilt)) only rebuilt"
            terminal.say(
                "  \(Columns.pad(table.name, to: width))\(Columns.padLeft(grouped(table.liveRows), to: 12))"
                    + "\(Columns.padLeft(grouped(table.rebuiltRows), to: 14))  \(verdict)")
        }
    }
}

/// With blanks between thousands.
private func grouped(_ number: Int64) -> String {
    var digits = String(number)
    var groups: [Substring] = []
    while digits.count > 3 {
        groups.insert(digits.suffix(3), at: 0)
        digits.removeLast(3)
    }
    return ([digits[...]] + groups).joined(separator: " ")
}

private func seconds(_ milliseconds: Int64) -> String { "\(milliseconds / 1000).\(milliseconds % 1000 / 100)" }
