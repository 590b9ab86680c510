import Contracts
import Glibc
import Testing

/// The scrubber against the tables in `scrubber/`: what stands between ⟦ and ⟧ must go, everything else must stay.
struct ScrubberTableTests {
    struct Line: Sendable {
        let kind: String
        let input: String
        let expected: String
        /// What must not be left of it.
        let secrets: [String]
        var isLimit: Bool { kind.hasPrefix("known-") }

        init(_ columns: [String]) {
            kind = columns[0]
            var (input, expected, secret) = ("", "", "")
            var secrets: [String] = []
            var isSecret = false
            for scalar in columns[1].unicodeScalars {
                switch scalar {
                case "⟦": (isSecret, secret) = (true, "")
                case "⟧":
                    isSecret = false
                    secrets.append(secret)
                    expected += PersonalData.mark
                default:
                    input.unicodeScalars.append(scalar)
                    if isSecret { secret.unicodeScalars.append(scalar) } else { expected.unicodeScalars.append(scalar) }
                }
            }
            (self.input, self.expected, self.secrets) = (input, expected, secrets)
        }
    }

    private static func lines() throws -> [Line] {
        try ["telephones", "papers", "accounts", "stays", "limits"].flatMap { try Table.rows("scrubber/\($0).tsv") }.map { Line($0) }
    }

    @Test func `every line of the table loses what must go and keeps what must stay`() throws {
        let lines = try Self.lines()
        #expect(lines.count >= 600)
        var counts: [String: (lines: Int, missed: Int, alarms: Int)] = [:]
        for line in lines {
            let scrubbed = PersonalData.scrub(line.input)
            let isMissed = line.kind == "known-miss" || line.secrets.contains { scrubbed.contains($0) }
            // By scalars: strings that differ in invisible marks alone can be equal.
            let isRight = Array(scrubbed.unicodeScalars) == Array(line.expected.unicodeScalars)
            if !line.isLimit { #expect(isRight, "\(line.kind): \(line.input.debugDescription) became \(scrubbed.debugDescription)") }
            // A limit that holds no more belongs among the promises.
            if line.kind == "known-miss" { #expect(scrubbed == line.input, "found now: \(line.input)") }
            if line.kind == "known-alarm" { #expect(scrubbed != line.input, "no alarm any more: \(line.input)") }
            let count = counts[line.kind, default: (0, 0, 0)]
            counts[line.kind] = (count.lines + 1, count.missed + (isMissed ? 1 : 0), count.alarms + (!isRight && !isMissed ? 1 : 0))
        }
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) {
            print("scrubber: \(kind): \(count.lines) lines, \(count.missed) missed, \(count.alarms) false alarms")
        }
        let all = counts.values.reduce((0, 0, 0)) { ($0.0 + $1.lines, $0.1 + $1.missed, $0.2 + $1.alarms) }
        print("scrubber: all: \(all.0) lines, \(all.1) missed, \(all.2) false alarms")
    }

    @Test func `scrubbing a line twice changes nothing more`() throws {
        for line in try Self.lines() {
            let once = PersonalData.scrub(line.input)
            #expect(PersonalData.scrub(once) == once, "\(line.input.debugDescription)")
        }
    }

    @Test func `random texts made of dangerous pieces end in a scrubbed one, however often they are scrubbed`() throws {
        let pieces = [
            "1", "3", "139", "8765", "4324", "13987654324", "一", "三", "零", "转", "-", " ", "    ", ",", "/", "*", "\n", "\u{200B}", "@",
            "qq", ".com", "at", "艾特", "点", "微信", "wx", "：", "和", "哈", "元", "第", "找我", "路灯", "x", "(", ")", "A", "E", "沪", "310106",
            "19900307", "X", "电话", "61234567",
            "021", "+", "86", "▇", "▇▇▇", "王", "l", "O", "GD-20261121-000123-7", "护照", "香港", "①", "ext", "\u{301}", "😀", "_", ".",
        ]
        var random = SmallRandom(state: 42)
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 1...14, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let once = PersonalData.scrub(text)
            #expect(PersonalData.scrub(once) == once, "\(text.debugDescription)")
        }
    }

    @Test(arguments: [
        "1", "1 ", "13 ", "139-", "一", "a@", "a", "微信a", "沪A1", "A1", "E1 ", "1哈", "1和3a", "139哈", "电话1 ", "2026-11-21 ", "▇", "\u{301}",
        "+86 ",
    ])
    func `sixteen times as much text takes about sixteen times as long`(piece: String) {
        func time(_ count: Int) -> Duration {
            let text = String(repeating: piece, count: count)
            return (0..<3).map { _ in Self.threadTime { _ = PersonalData.scrub(text) } }.min() ?? .zero
        }
        // A square would make it 256 times; what else the machine does is not counted.
        let (short, long) = (time(500), time(8_000))
        #expect(long < short * 64 + .milliseconds(300), "\(piece.debugDescription): \(short) and \(long)")
    }

    /// Of this thread alone.
    private static func threadTime(_ work: () -> Void) -> Duration {
        var (start, end) = (timespec(), timespec())
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
        work()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        return .seconds(end.tv_sec - start.tv_sec) + .nanoseconds(end.tv_nsec - start.tv_nsec)
    }

    private struct SmallRandom: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }
}

/// A text that may leave its service is a type of its own, made by the scrubber alone.
struct PublicTextTests {
    @Test func `a public text is scrubbed however it is made`() throws {
        let number = "13987654324"
        #expect(PublicText(scrubbing: "打\(number)").description == "打▇▇▇")
        #expect(("打\(number)" as PublicText).description == "打▇▇▇")
        #expect(PublicText(scrubbing: String?.none) == nil)
        let told = TicketWithdrawn(ticket: try #require(TicketID("019a9b3c-7d20-7001-8a00-00000000a001")), reason: "不用了，打\(number)")
        #expect(told.reason == "不用了，打▇▇▇")
    }

    @Test func `a record that was not scrubbed is when it is read`() throws {
        let json = #"{"ticket":"019a9b3c-7d20-7001-8a00-00000000a001","reason":"打13987654324"}"#
        #expect(try TicketWithdrawn.decode(Array(json.utf8)).reason == "打▇▇▇")
    }
}
