public import FoundationEssentials

/// A UUID that knows what it names, so that a photo's cannot be passed for a ticket's.
///
/// Text form: 36 characters, lower case, nothing else is taken. Order is that of the bytes, which for version 7 is the
/// order of creation.
public struct Identifier<Tag>: WireText {
    public static var form: String { "a lower-case UUID" }

    public let uuid: UUID

    public init(_ uuid: UUID) { self.uuid = uuid }

    /// Parses the canonical text; `nil` for upper case, braces, missing dashes.
    public init?(_ description: String) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        var high: UInt8?
        var index = 0
        for character in description.utf8 {
            defer { index &+= 1 }
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.hexValue(character) else { return nil }
            if let known = high {
                bytes.append(known &<< 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        guard index == 36 else { return nil }
        self.init(bytes: bytes)
    }

    /// From 16 bytes in network order; `nil` for any other number of them.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var uuid: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &uuid) { $0.copyBytes(from: bytes) }
        self.uuid = UUID(uuid: uuid)
    }

    /// The 16 bytes in network order.
    public var bytes: [UInt8] { withUnsafeBytes(of: uuid.uuid) { Array($0) } }

    public var description: String {
        let digits: StaticString = "0123456789abcdef"
        return String(unsafeUninitializedCapacity: 36) { out in
            digits.withUTF8Buffer { digits in
                withUnsafeBytes(of: uuid.uuid) { bytes in
                    var place = 0
                    for index in bytes.indices {
                        if index == 4 || index == 6 || index == 8 || index == 10 {
                            out[place] = UInt8(ascii: "-")
                            place &+= 1
                        }
                        out[place] = digits[Int(bytes[index] &>> 4)]
                        out[place &+ 1] = digits[Int(bytes[index] & 0x0F)]
                        place &+= 2
                    }
                    return place
                }
            }
        }
    }

    public static func < (a: Self, b: Self) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

    private static func hexValue(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character &- 0x30
        case 0x61...0x66: character &- 0x57
        default: nil
        }
    }
}

/// What identifiers name. Never values, only types.
public enum Named {
    public enum Ticket {}
    public enum Event {}
    public enum Photo {}
    public enum Whistle {}
    public enum Dispatch {}
    public enum Evaluation {}
    public enum Delivery {}
    public enum Person {}
}

/// A ticket 工单: what one person told us.
public typealias TicketID = Identifier<Named.Ticket>
/// A case is the work on one ticket and carries its identifier.
public typealias CaseID = TicketID
/// An event: the same on Kafka, in webhooks, in the feed and on every repetition.
public typealias EventID = Identifier<Named.Event>
public typealias PhotoID = Identifier<Named.Photo>
/// A whistle 吹哨.
public typealias WhistleID = Identifier<Named.Whistle>
/// One unit called to one case 派单.
public typealias DispatchID = Identifier<Named.Dispatch>
public typealias EvaluationID = Identifier<Named.Evaluation>
/// Somebody of the staff.
public typealias PersonID = Identifier<Named.Person>
public typealias DeliveryID = Identifier<Named.Delivery>
