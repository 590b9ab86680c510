import Contracts
import JSON
import Testing

struct TicketNumberTests {
    let number: TicketNumber

    init() throws {
        let day = try #require(ChineseDay(year: 2026, month: 11, day: 21))
        number = try #require(TicketNumber(day: day, sequence: 123))
    }

    @Test func `a number prints prefix, day, running number and check digit`() {
        #expect(number.description.hasPrefix("GD-20261121-000123-"))
        #expect(number.description.utf8.count == 20)
    }

    @Test func `a number reads back as itself`() {
        for sequence in [1, 9, 10, 123, 99_999, 999_999] {
            let number = TicketNumber(day: ChineseDay(year: 2024, month: 2, day: 29)!, sequence: sequence)
            #expect(number != nil && TicketNumber(number!.description) == number)
        }
    }

    @Test func `every single wrong digit is found`() {
        let text = Array(number.description)
        for place in text.indices where text[place].isNumber {
            for digit in "0123456789" where digit != text[place] {
                var wrong = text
                wrong[place] = digit
                #expect(TicketNumber(String(wrong)) == nil, "\(String(wrong))")
            }
        }
    }

    @Test func `every two neighbouring digits exchanged are found`() {
        for sequence in [123, 480_915, 908_172, 555_510] {
            let text = Array(TicketNumber(day: number.day, sequence: sequence)!.description)
            let digits = text.indices.filter { text[$0].isNumber }
            for (left, right) in zip(digits, digits.dropFirst()) where text[left] != text[right] {
                var wrong = text
                wrong.swapAt(left, right)
                #expect(TicketNumber(String(wrong)) == nil, "\(String(wrong))")
            }
        }
    }

    @Test(arguments: [0, -1, 1_000_000, Int.max])
    func `a running number outside a day's range is refused`(sequence: Int) {
        #expect(TicketNumber(day: number.day, sequence: sequence) == nil)
    }

    @Test(arguments: ["", "G", "gd", "GDXYZ", "G1", "工单"])
    func `a prefix is two to four capital letters`(prefix: String) {
        #expect(TicketNumber(prefix: prefix, day: number.day, sequence: 1) == nil)
    }

    @Test func `a day that no calendar has is refused even with a right check digit`() {
        for check in 0...9 { #expect(TicketNumber("GD-20260230-000001-\(check)") == nil) }
    }

    @Test(arguments: [
        "", "GD", "GD-20261121-000123", "GD-20261121-123-4", " GD-20261121-000123-1", "GD-20261121-+00123-1",
        "GD-20261121-000123-1-1", "GD--20261121-000123", "GD-２０２６1121-000123-1",
    ])
    func `texts of another form are refused`(text: String) { #expect(TicketNumber(text) == nil) }

    @Test func `numbers sort by day and running number`() {
        let later = TicketNumber(day: number.day, sequence: 124)!
        #expect(number < later)
        #expect(later < TicketNumber(day: number.day.adding(days: 1), sequence: 1)!)
    }

    @Test func `JSON carries the text and refuses another`() throws {
        #expect(String(decoding: number.json, as: UTF8.self) == "\"\(number)\"")
        #expect(try JSONReader.decode(TicketNumber.self, from: number.json) == number)
        #expect(throws: JSONError.self) { try JSONReader.decode(TicketNumber.self, from: Array("\"GD-1\"".utf8)) }
    }
}
