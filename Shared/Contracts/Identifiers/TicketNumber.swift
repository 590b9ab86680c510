/// The number people read out on the telephone: `GD-20261121-000123-7`.
///
/// Prefix, Chinese calendar day, running number of that day, check digit. The check digit is Damm's over day and running
/// number: it finds every single wrong digit and every two neighbours exchanged.
public struct TicketNumber: WireText {
    public static var form: String { "a ticket number such as GD-20261121-000123-\(TicketNumber.example)" }
    private static let example = TicketNumber.checkDigit("20261121000123")
    /// One day's largest running number.
    public static let maxSequence = 999_999

    /// Two to four capital letters.
    public let prefix: String
    public let day: ChineseDay
    public let sequence: Int

    /// `nil` for a prefix of another form or a running number outside 1 to ``maxSequence``.
    public init?(prefix: String = "GD", day: ChineseDay, sequence: Int) {
        guard (2...4).contains(prefix.utf8.count), prefix.utf8.allSatisfy({ (0x41...0x5A).contains($0) }),
            (1...Self.maxSequence).contains(sequence)
        else { return nil }
        self.prefix = prefix
        self.day = day
        self.sequence = sequence
    }

    public init?(_ description: String) {
        let parts = description.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, let day = ChineseDay(compact: String(parts[1])), parts[2].utf8.count == 6,
            parts[2].utf8.allSatisfy({ $0 &- 0x30 < 10 }), let sequence = Int(parts[2]),
            parts[3] == String(Self.checkDigit(String(parts[1] + parts[2])))
        else { return nil }
        self.init(prefix: String(parts[0]), day: day, sequence: sequence)
    }

    public var description: String {
        var text = Digits()
        text.add(prefix)
        text.add("-")
        text.add(compactly: day)
        text.add("-")
        text.add(sequence, 6, then: "-")
        text.add(checkDigit, 1)
        return text.text
    }

    public var checkDigit: Int {
        var number = Digits()
        number.add(compactly: day)
        number.add(sequence, 6)
        return Self.checkDigit(number.text)
    }

    private static func checkDigit(_ digits: String) -> Int {
        var interim = 0
        for digit in digits.utf8 { interim = Int(damm[interim &* 10 &+ Int(min(digit &- 0x30, 9))]) }
        return interim
    }

    /// The quasigroup of order 10 from H. M. Damm's thesis (2004), row by row: totally anti-symmetric, zeros on the diagonal.
    private static let damm: [UInt8] = [
        0, 3, 1, 7, 5, 9, 8, 6, 4, 2,
        7, 0, 9, 2, 1, 5, 4, 8, 6, 3,
        4, 2, 0, 6, 8, 7, 1, 3, 5, 9,
        1, 7, 5, 0, 9, 8, 3, 4, 2, 6,
        6, 1, 2, 3, 0, 4, 5, 9, 7, 8,
        3, 6, 7, 4, 2, 0, 9, 5, 8, 1,
        5, 8, 6, 9, 7, 2, 0, 1, 3, 4,
        8, 9, 4, 5, 3, 6, 2, 0, 1, 7,
        9, 4, 3, 8, 6, 1, 7, 2, 0, 5,
        2, 5, 8, 1, 4, 3, 6, 7, 9, 0,
    ]
}
