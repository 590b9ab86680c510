/// A stream of one kind of aggregate's events. One owner writes it; the record key is the aggregate's identifier.
public struct Topic: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Between the five services.
        case `internal`
        /// What the street asks of a department; without one, the pattern for all of them.
        case dispatch(DepartmentCode?)
        /// What a department answers; without one, the pattern for all of them.
        case feedback(DepartmentCode?)
        /// What the street asks of the units that share their topics.
        case sharedDispatch
        /// What those units answer.
        case sharedFeedback
        /// What was refused, for people to look at.
        case deadLetter(of: String)
    }

    public let name: String
    public let owner: Service
    /// Who else may read it; on a broker that asks for sign-in, nobody beside these can.
    public let readers: Set<Service>
    public let partitions: Int
    /// How long the broker keeps records. A convenience for readers: the owner's database can repeat everything.
    public let retention: Duration
    public let kind: Kind

    package init(_ name: String, owner: Service, readers: Set<Service>, partitions: Int, retention: Duration, kind: Kind) {
        self.name = name
        self.owner = owner
        self.readers = readers
        self.partitions = partitions
        self.retention = retention
        self.kind = kind
    }

    /// Stands for many topics (`dispatch.{department}.v1`) and cannot be written to.
    public var isPattern: Bool {
        switch kind {
        case .dispatch(nil), .feedback(nil): true
        default: false
        }
    }

    /// Where records of this topic go that cannot be taken, in the way of Spring Kafka.
    public var deadLetter: Topic {
        Topic(
            name + "-dlt", owner: owner == .department ? .routing : owner, readers: [owner], partitions: 1,
            retention: .seconds(30 * 86_400), kind: .deadLetter(of: name))
    }

    /// The partition Kafka's own clients choose for a key: murmur2, sign bit cleared, modulo the number of partitions.
    public func partition(forKey key: some Collection<UInt8>) -> Int32 {
        Int32(truncatingIfNeeded: murmur2(key) & 0x7FFF_FFFF) % max(1, Int32(clamping: partitions))
    }

    public func partition(forKey key: String) -> Int32 { partition(forKey: key.utf8) }
}

/// Every topic there is.
public enum Topics {
    /// The internal topics, without dead letters.
    public static let `internal` = [tickets, cases, directory, deliveries, evaluations, ballots, alerts]

    /// Everything a broker needs: internal topics, two per department or for all that share theirs, and a dead-letter topic per feedback
    /// topic. Only what comes from outside can be refused; our own events are parked instead.
    public static func all(departments: [DepartmentTopics]) -> [Topic] {
        var all = `internal`
        for department in departments where !department.isShared || !all.contains(sharedDispatch) {
            all += [department.dispatch, department.feedback, department.feedback.deadLetter]
        }
        return all
    }

    /// The topic of that name; `nil` when no contract knows it.
    public static func named(_ name: String) -> Topic? {
        if let topic = `internal`.first(where: { $0.name == name }) { return topic }
        for shared in [sharedDispatch, sharedFeedback, sharedFeedback.deadLetter] where shared.name == name { return shared }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let department = DepartmentCode(String(parts[1])) else { return nil }
        switch (parts[0], parts[2]) {
        case ("dispatch", "v1"): return dispatch(department)
        case ("feedback", "v1"): return feedback(department)
        case ("feedback", "v1-dlt"): return feedback(department).deadLetter
        default: return nil
        }
    }

    /// As promised to departments: two weeks, so that a holiday cannot lose a record.
    static let fortnight: Duration = .seconds(14 * 86_400)

    static func internalTopic(_ name: String, _ owner: Service, readers: Set<Service>) -> Topic {
        Topic(name, owner: owner, readers: readers, partitions: 12, retention: fortnight, kind: .internal)
    }
}

/// MurmurHash2 with Kafka's seed.
func murmur2(_ key: some Collection<UInt8>) -> UInt32 {
    let mix: UInt32 = 0x5BD1_E995
    var hash: UInt32 = 0x9747_B28C ^ UInt32(truncatingIfNeeded: key.count)
    var word: UInt32 = 0
    var filled: UInt32 = 0
    for byte in key {
        word |= UInt32(byte) &<< (8 &* filled)
        filled &+= 1
        guard filled == 4 else { continue }
        word = word &* mix
        word ^= word &>> 24
        hash = hash &* mix ^ (word &* mix)
        (word, filled) = (0, 0)
    }
    if filled > 0 { hash = (hash ^ word) &* mix }
    hash ^= hash &>> 13
    hash = hash &* mix
    return hash ^ hash &>> 15
}
