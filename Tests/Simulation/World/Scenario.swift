/// Everything that is decided before a world begins: drawn from a seed, and made smaller when a failing seed is shrunk.
public struct Scenario: Sendable, Equatable {
    public var seed: UInt64
    public var faults: Faults
    /// Faults that were asked for, whatever the seed says.
    public private(set) var forced: Faults = []
    /// Transactions of the writers.
    public var transactions: Int
    public var disturbances: [Disturbance]
    /// Numbers of the disturbances that were left out.
    public var leftOut: [Int] = []
    public var subjects: Int
    public var partitions: Int
    /// Replicas of the emitting service, each with a sequencer and a publisher.
    public var owners: Int
    /// Replicas of each consuming service.
    public var consumers: [Int]
    /// How long faults last, microseconds.
    public var active: Int
    /// Rows of a window, records of a page: small, so that pages end in the middle of things.
    public var page: Int
    /// How soon what was set aside is tried again, microseconds: mostly within the time of the faults.
    public var asideInterval = 30_000_000

    /// Something that happens at one moment.
    public struct Disturbance: Sendable, Equatable {
        public enum Kind: Int, Sendable, CaseIterable {
            case kill, stop, ownerCrash, consumerCrash, ownerBackup, ownerRestore, truncate, wipe, brokerAway, forge, ownerDoorAway,
                rebalance, poison, restartAll, longTransaction, listenerBackup, listenerRestore, refuse
        }
        public var at: Int
        public var kind: Kind
        /// Chooses among what is there.
        public var target: Int
        /// Microseconds, where it lasts.
        public var length: Int
        /// Its place among all that were drawn.
        public var number = 0

        public init(_ kind: Kind, at: Int, target: Int = 0, length: Int = 0) {
            self.kind = kind
            self.at = at
            self.target = target
            self.length = length
        }
    }

    /// A scenario told in full: one service listens to one that emits.
    public init(seed: UInt64, faults: Faults = [], seconds: Int = 4, transactions: Int = 20, disturbances: [Disturbance] = []) {
        self.seed = seed
        self.faults = faults
        self.transactions = transactions
        self.disturbances = disturbances
        (subjects, partitions, owners, consumers, page) = (5, 2, 1, [1], 2000)
        active = seconds * 1_000_000
    }

    /// A scenario drawn from its seed, with these faults in any case.
    public init(seed: UInt64, with forced: Faults = []) {
        var random = SeededRandom(seed: seed, purpose: 2)
        self.seed = seed
        self.forced = forced
        faults = Self.faults(&random).union(forced)
        active = (random.pick([1, 1, 2, 2, 3, 4, 6, 10]) ?? 3) * 1_000_000
        transactions = random.within(5...40)
        subjects = random.within(1...12)
        partitions = random.within(1...3)
        owners = random.within(1...3)
        consumers = (0..<random.within(1...2)).map { _ in random.within(1...3) }
        page = random.pick([1, 2, 3, 7, 50, 500, 2000]) ?? 2000
        asideInterval = (random.pick([200, 1000, 3000, 30_000]) ?? 30_000) * 1000
        disturbances = []
        if faults.contains(.bursts) { transactions += 40 }
        disturb(&random)
    }

    private static func faults(_ random: inout SeededRandom) -> Faults {
        var faults: Faults = []
        // Some seeds with hardly any fault, some with nearly all.
        let share = random.pick([80, 150, 250, 400, 600]) ?? 250
        for (fault, _) in Faults.names where random.chance(share) { faults.insert(fault) }
        for (rare, permille) in [
            (Faults.noKafka, 60), (.unsafeKafka, 250), (.ownerRestores, 300), (.listenerRestores, 500), (.poisonFlood, 200), (.wipes, 600),
        ]
        where faults.contains(rare) && !random.chance(permille) {
            faults.remove(rare)
        }
        return faults
    }

    private mutating func disturb(_ random: inout SeededRandom) {
        for (kind, most) in kinds() {
            for _ in 0..<random.within(1...most) {
                disturbances.append(
                    Disturbance(kind, at: random.below(active), target: random.below(1 << 20), length: random.delay(upTo: active) + 1000))
            }
        }
        disturbances.sort { ($0.at, $0.kind.rawValue, $0.target) < ($1.at, $1.kind.rawValue, $1.target) }
        for place in disturbances.indices { disturbances[place].number = place }
    }

    private func kinds() -> [(Disturbance.Kind, most: Int)] {
        var kinds: [(Disturbance.Kind, most: Int)] = []
        func add(_ fault: Faults, _ kind: Disturbance.Kind, _ most: Int) {
            if faults.contains(fault) { kinds.append((kind, most)) }
        }
        add(.kills, .kill, 8)
        add(.kills, .restartAll, 1)
        add(.stops, .stop, 5)
        add(.ownerCrashes, .ownerCrash, 3)
        add(.consumerCrashes, .consumerCrash, 3)
        add(.ownerRestores, .ownerBackup, 2)
        add(.ownerRestores, .ownerRestore, 2)
        add(.listenerRestores, .listenerBackup, 2)
        add(.listenerRestores, .listenerRestore, 2)
        add(.lostTails, .truncate, 5)
        add(.wipes, .wipe, 2)
        add(.brokerAway, .brokerAway, 3)
        add(.forgeries, .forge, 6)
        add(.ownerDoorAway, .ownerDoorAway, 3)
        add(.rebalances, .rebalance, 8)
        add(.poison, .poison, 3)
        add(.longTransactions, .longTransaction, 3)
        add(.refusedRecords, .refuse, 4)
        return kinds
    }
}
