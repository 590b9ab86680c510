import Contracts
import Testing

/// Telephone numbers as people leave them: `telephone-numbers.tsv` has kind, input, what is kept, what is dialled from abroad.
struct TelephoneNumberTests {
    @Test func `every number of the table is read as its kind, or refused`() throws {
        let rows = try Table.rows("telephone-numbers.tsv")
        #expect(rows.count >= 100)
        for row in rows {
            let number = TelephoneNumber(row[1])
            if row[0] == "refused" {
                #expect(number == nil, "\(row[1].debugDescription) became \(number?.description ?? "")")
            } else {
                #expect(number?.kind.rawValue == row[0], "\(row[1].debugDescription)")
                #expect(number?.description == row[2] && number?.international == row[3], "\(row[1].debugDescription)")
            }
        }
    }

    @Test func `what is kept is read again as the same number`() throws {
        for row in try Table.rows("telephone-numbers.tsv") {
            guard let number = TelephoneNumber(row[1]) else { continue }
            #expect(TelephoneNumber(number.description) == number, "\(row[1].debugDescription)")
        }
    }

    @Test func `text messages reach mobile numbers, and those abroad where they are sent to`() throws {
        let kinds = ["13800138000", "021-62345678", "400-820-8820", "+85291234567"].compactMap { TelephoneNumber($0) }
        #expect(kinds.map { $0.takesTextMessages() } == [true, false, false, false])
        #expect(kinds.map { $0.takesTextMessages(abroad: true) } == [true, false, false, true])
    }

    @Test func `nothing that is long or odd traps`() {
        for text in [String(repeating: "1", count: 100_000), String(repeating: "+", count: 500), "tel:", ";ext=", "\u{0}", "转1", "x"] {
            #expect(TelephoneNumber(text) == nil)
        }
    }
}
