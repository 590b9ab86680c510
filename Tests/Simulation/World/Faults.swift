/// The sorts of fault a world may have. Every seed turns on some of them: all at once would hide what one alone does.
public struct Faults: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let kills = Faults(rawValue: 1 << 0)
    public static let stops = Faults(rawValue: 1 << 1)
    public static let ownerErrors = Faults(rawValue: 1 << 2)
    public static let consumerErrors = Faults(rawValue: 1 << 3)
    public static let ownerCrashes = Faults(rawValue: 1 << 4)
    public static let consumerCrashes = Faults(rawValue: 1 << 5)
    public static let ownerRestores = Faults(rawValue: 1 << 6)
    public static let longTransactions = Faults(rawValue: 1 << 7)
    public static let lostTails = Faults(rawValue: 1 << 8)
    public static let duplicates = Faults(rawValue: 1 << 9)
    public static let lateSessions = Faults(rawValue: 1 << 10)
    public static let failedDeliveries = Faults(rawValue: 1 << 11)
    public static let wipes = Faults(rawValue: 1 << 12)
    public static let brokerAway = Faults(rawValue: 1 << 13)
    public static let forgeries = Faults(rawValue: 1 << 14)
    public static let corruption = Faults(rawValue: 1 << 15)
    public static let rebalances = Faults(rawValue: 1 << 16)
    public static let lostPositions = Faults(rawValue: 1 << 17)
    public static let ownerDoorDrops = Faults(rawValue: 1 << 18)
    public static let ownerDoorAway = Faults(rawValue: 1 << 19)
    public static let poison = Faults(rawValue: 1 << 20)
    public static let slowness = Faults(rawValue: 1 << 21)
    /// Every Kafka safety setting off: nothing is acknowledged by the broker, records vanish, repeat and change places.
    public static let unsafeKafka = Faults(rawValue: 1 << 22)
    /// There is no broker at all, from beginning to end.
    public static let noKafka = Faults(rawValue: 1 << 23)
    /// So many bad subjects that the ceiling must hold the partition.
    public static let poisonFlood = Faults(rawValue: 1 << 24)
    /// Many writers at once and small windows.
    public static let bursts = Faults(rawValue: 1 << 25)
    /// A listening service's database comes back from an older backup.
    public static let listenerRestores = Faults(rawValue: 1 << 26)
    /// The broker's limit on the size of a record is lowered, for a while or for good.
    public static let refusedRecords = Faults(rawValue: 1 << 27)

    public static let names: [(fault: Faults, name: String)] = [
        (.kills, "kills"), (.stops, "stops"), (.ownerErrors, "owner-errors"), (.consumerErrors, "consumer-errors"),
        (.ownerCrashes, "owner-crashes"), (.consumerCrashes, "consumer-crashes"), (.ownerRestores, "owner-restores"),
        (.longTransactions, "long-transactions"), (.lostTails, "lost-tails"), (.duplicates, "duplicates"),
        (.lateSessions, "late-sessions"), (.failedDeliveries, "failed-deliveries"), (.wipes, "wipes"), (.brokerAway, "broker-away"),
        (.forgeries, "forgeries"), (.corruption, "corruption"), (.rebalances, "rebalances"), (.lostPositions, "lost-positions"),
        (.ownerDoorDrops, "owner-door-drops"), (.ownerDoorAway, "owner-door-away"), (.poison, "poison"), (.slowness, "slowness"),
        (.unsafeKafka, "unsafe-kafka"), (.noKafka, "no-kafka"), (.poisonFlood, "poison-flood"), (.bursts, "bursts"),
        (.listenerRestores, "listener-restores"), (.refusedRecords, "refused-records"),
    ]

    public var named: [String] { Self.names.filter { contains($0.fault) }.map(\.name) }

    /// The names with commas between them, `none`, or nil for a name that is not known.
    public init?(list: String) {
        self = []
        if list == "none" { return }
        for name in list.split(separator: ",") {
            guard let found = Self.names.first(where: { $0.name == name }) else { return nil }
            insert(found.fault)
        }
    }

    public var list: String { isEmpty ? "none" : named.joined(separator: ",") }
}
