import Contracts
import JSON
import Testing

struct PlateCodeTests {
    private let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    private let codes = [0, 1, 31, 32, 0x2_ABCD_EF01, PlateCode.limit - 1].map { PlateCode(value: $0) }

    @Test func `a code has eight characters and reads back as itself`() {
        for code in codes {
            #expect(code.description.count == 8)
            #expect(PlateCode(code.description) == code)
        }
    }

    @Test func `people may type lower case and mistake I, L and O`() {
        let code = PlateCode(value: 1 << 30)
        #expect(code.description.hasPrefix("1000000"))
        #expect(PlateCode(code.description.lowercased()) == code)
        for one in ["i", "I", "l", "L"] {
            #expect(PlateCode(one + "OoO0o0" + code.description.suffix(1)) == code)
        }
    }

    @Test func `every single wrong character is found`() {
        for code in codes {
            let text = Array(code.description)
            for place in text.indices {
                for other in alphabet where other != text[place] {
                    var wrong = text
                    wrong[place] = other
                    #expect(PlateCode(String(wrong)) == nil)
                }
            }
        }
    }

    @Test func `every two neighbours exchanged are found`() {
        for code in codes {
            let text = Array(code.description)
            for place in 0..<7 where text[place] != text[place + 1] {
                var wrong = text
                wrong.swapAt(place, place + 1)
                #expect(PlateCode(String(wrong)) == nil)
            }
        }
    }

    @Test(arguments: ["", "0000000", "000000000", "0000000U", "0000-000", "０0000000", "0000000\u{301}0"])
    func `texts of another form are refused`(text: String) { #expect(PlateCode(text) == nil) }

    @Test func `random numbers may be used as they come`() { #expect(PlateCode(value: .max).value < PlateCode.limit) }
}
