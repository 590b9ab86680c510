import Testing

@testable import Contracts

/// Numbers are read out on the telephone and printed on paper: a later program must take those of an earlier one.
@Suite struct CheckDigitTests {
    /// Worked out by another program from Damm's published table (572 has the check digit 4).
    @Test(arguments: [
        ("2026-11-21", 123, "GD-20261121-000123-7"),
        ("2026-11-30", 1, "GD-20261130-000001-7"),
        ("2026-12-01", 999999, "GD-20261201-999999-6"),
        ("2027-01-01", 40, "GD-20270101-000040-9"),
        ("2026-02-28", 572, "GD-20260228-000572-2"),
        ("2028-02-29", 100000, "GD-20280229-100000-0"),
    ])
    func `the check digit is the one that was printed yesterday`(day: String, sequence: Int, text: String) throws {
        let date = try #require(ChineseDay(day))
        let number = try #require(TicketNumber(day: date, sequence: sequence))
        #expect(number.description == text)
        #expect(TicketNumber(text) == number)
    }
}
