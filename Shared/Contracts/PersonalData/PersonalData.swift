/// Takes out of free text the numbers and addresses that tell who somebody is or how to reach them, before it may travel.
///
/// Found, in the many ways of writing digits and of separating them: mainland mobile numbers, landlines with an area code (without
/// one after a word such as 电话), numbers abroad after `+`, identity card numbers of 18 and 15 digits, bank cards and other runs
/// of 13 digits or more, e-mail addresses (艾特 and "at" too), passports and travel permits, identity cards of Hong Kong, Macau and
/// Taiwan, WeChat and QQ accounts after their cue, licence plates. Ticket numbers, house numbers, dates, amounts and hotlines stay.
///
/// Digits with words between them (139哈8765哈4324) go where they are cut like a number of these kinds, or announced as a telephone.
///
/// Not found: names, addresses of homes, accounts elsewhere, what somebody hides on purpose (宜三八…, an x or a unit between the digits).
/// `Tests/ContractsTests/scrubber` is the table of what goes and what stays.
public enum PersonalData {
    public static let mark = "▇▇▇"
    static let markScalar: Unicode.Scalar = "▇"

    /// The text with each find replaced by ``mark``. Scrubbing twice changes nothing more.
    public static func scrub(_ text: String) -> String {
        if !mayHold(text) { return text }
        var scalars = Array(text.unicodeScalars)
        // What one find hid can be found then; each pass is linear, and a few reach the end.
        for _ in 0..<passes {
            let finds = finds(in: scalars)
            if finds.isEmpty { break }
            scalars = replacing(finds, in: scalars)
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private static let passes = 4

    private static func replacing(_ finds: [Range<Int>], in scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var out: [Unicode.Scalar] = []
        out.reserveCapacity(scalars.count)
        var index = 0
        for find in finds where find.lowerBound >= index {
            out += scalars[index..<find.lowerBound]
            out += mark.unicodeScalars
            index = find.upperBound
        }
        return out + scalars[index...]
    }

    /// False only where there can be no find: nowhere five letters and digits near each other, nor an @. Most texts end here,
    /// which matters because every submission is scrubbed.
    private static func mayHold(_ text: String) -> Bool {
        var found = 0
        var gap = 0
        for scalar in text.unicodeScalars {
            if mayCount(scalar) {
                found += 1
                gap = 0
                if found == shortest { return true }
            } else if found > 0 {
                gap += 1
                if gap > DigitGroups.longestGap, !scalar.isInvisible { found = 0 }
            }
        }
        return false
    }

    /// A QQ number has five digits; nothing that is found is shorter.
    private static let shortest = 5

    /// Cheap and never wrongly false: the blocks that Chinese texts are made of, told apart without the character database.
    private static func mayCount(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x40...0x5A, 0x61...0x7A: true
        case ..<0xB2, 0x3000...0x3006, 0x3008...0x321F, 0xFF01...0xFF0F, 0xFF1A...0xFF1F: false
        case 0x3400...0x9FFF: scalar.spelledDigit != nil
        default: true
        }
    }

    /// In order, without overlaps: what stands further to the left wins, then what was looked for first.
    private static func finds(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
        let text = FoldedText(scalars)
        let mails = MailAddresses.all(in: text)
        let codes = PersonalCodes.all(in: text)
        let handles = Accounts.all(in: text)
        let fixed = merged(mails + codes + handles + LicencePlates.all(in: text))
        let numbers = PersonalNumbers(text, apartFrom: fixed).all()
        return merged(fixed + numbers).map { find in
            let places = text.places(find)
            // What stands on a digit, such as a keycap, goes with it.
            let end = scalars[places.upperBound...].firstIndex { !$0.standsOnAnother } ?? scalars.count
            return places.lowerBound..<end
        }
    }

    private static func merged(_ finds: [Range<Int>]) -> [Range<Int>] {
        var out: [Range<Int>] = []
        for find in finds.sorted(by: { ($0.lowerBound, $1.upperBound) < ($1.lowerBound, $0.upperBound) }) {
            if let last = out.last, find.lowerBound < last.upperBound {
                out[out.count - 1] = last.lowerBound..<max(last.upperBound, find.upperBound)
            } else {
                out.append(find)
            }
        }
        return out
    }
}
