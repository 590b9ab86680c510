/// The class of a matter as urban-management catalogues number it: `E06010` is event 06010 (暴露垃圾, exposed rubbish).
///
/// A letter for the list, two digits for the major and three for the minor class. The letter is part of the key: both
/// lists may hold 01001.
public struct CategoryCode: WireText {
    public static var form: String { "a category code such as E06010" }

    /// Which of the two lists.
    public enum List: String, Sendable, Hashable, CaseIterable {
        /// 管理部件: a thing that stands somewhere (a lamp, a manhole cover).
        case part = "P"
        /// 管理事项: something that happens (rubbish, noise).
        case event = "E"
    }

    public let description: String

    public init?(_ description: String) {
        let text = Array(description.utf8)
        guard text.count == 6, text[0] == UInt8(ascii: "P") || text[0] == UInt8(ascii: "E"),
            text[1...].allSatisfy({ $0 &- 0x30 < 10 })
        else { return nil }
        self.description = description
    }

    public var list: List { description.hasPrefix("P") ? .part : .event }
    /// The list's letter and the two digits of the major class: `E06`.
    public var major: String { String(description.prefix(3)) }
}

/// A department or other unit that can be called: 2 to 24 of `a-z`, `0-9`, `-`. Part of its topics' names, so
/// none is called `shared`: the topics of those that have none of their own are.
public struct DepartmentCode: WireText {
    public static var form: String { "a department code of 2 to 24 lower-case letters, digits and dashes, not “\(shared)”" }

    /// In the place of a code, the word for many.
    static let shared = "shared"

    public let description: String

    public init?(_ description: String) {
        guard description != Self.shared, (2...24).contains(description.utf8.count),
            description.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else { return nil }
        self.description = description
    }
}

/// A reason from a form's list: 2 to 32 of `a-z`, `0-9`, `_`. The lists are data of the service that shows the form.
public struct ReasonCode: WireText {
    public static var form: String { "a reason code of 2 to 32 lower-case letters, digits and underscores" }

    public let description: String

    public init?(_ description: String) {
        guard (2...32).contains(description.utf8.count),
            description.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F })
        else { return nil }
        self.description = description
    }
}

/// Somebody of a unit's own staff, by the code that the unit's system gives them. Never a person's name.
public struct UnitStaffCode: WireText {
    public static var form: String { "a code of 1 to 64 of a-z, 0-9, colon, dot, dash, underscore" }

    public let description: String

    public init?(_ description: String) {
        let others: [UInt8] = [UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")]
        guard (1...64).contains(description.utf8.count),
            description.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || others.contains($0) })
        else { return nil }
        self.description = description
    }
}
