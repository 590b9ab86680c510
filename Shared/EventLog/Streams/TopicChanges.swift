public import Contracts
public import Postgres

/// How far a reader has come in a topic: the last number of each partition that it has seen.
///
/// As text `0-15.3-22`; `0` is before the first change.
public struct TopicPosition: LosslessStringConvertible, Sendable, Equatable {
    var numbers: [Int32: Int64] = [:]

    init() {}

    public init?(_ text: String) {
        if text == "0" { return }
        for entry in text.split(separator: ".", omittingEmptySubsequences: false) {
            let parts = entry.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, let part = Int32(parts[0]), let seq = Int64(parts[1]), part >= 0, seq > 0,
                numbers.updateValue(seq, forKey: part) == nil
            else { return nil }
        }
    }

    public var description: String {
        numbers.isEmpty ? "0" : numbers.sorted { $0.key < $1.key }.map { "\($0.key)-\($0.value)" }.joined(separator: ".")
    }
}

/// Which subjects of one of the service's own topics changed, in the order of the numbers that its events were given.
///
/// The numbers are dense and given after the commit, so a change that commits late is never behind a reader's place.
public struct TopicChanges: Sendable {
    private let pool: PostgresPool
    private let topic: Topic

    public init(pool: PostgresPool, topic: Topic) {
        self.pool = pool
        self.topic = topic
    }

    public struct Page: Sendable {
        /// Each once, whatever happened to it.
        public let subjects: [String]
        /// Where to go on.
        public let place: TopicPosition
        /// Whether nothing more is known yet.
        public let isLast: Bool
    }

    /// The place behind all that has a number.
    public func now() async throws -> TopicPosition {
        var place = TopicPosition()
        for head in try await pool.query(StreamStoreQueries.heads([topic.name]), as: StreamHead.self) where head.seq > 0 {
            place.numbers[head.partition.part] = head.seq
        }
        return place
    }

    /// What follows a place, at most `limit` changes. `nil` when the database does not hold what follows: it was taken away, or the
    /// place is of another history.
    public func page(after place: TopicPosition, limit: Int) async throws -> Page? {
        let heads = try await now().numbers
        guard place.numbers.allSatisfy({ $0.value <= heads[$0.key] ?? 0 }) else { return nil }
        var next = place
        var subjects: [String] = []
        var seen: Set<String> = []
        var room = limit
        for (part, head) in heads.sorted(by: { $0.key < $1.key }) where room > 0 {
            let from = place.numbers[part] ?? 0
            guard head > from else { continue }
            let rows = try await pool.query(
                StreamStoreQueries.subjects(StreamPartition(topic: topic.name, part: part), after: from, limit: room),
                as: ChangedSubject.self)
            guard let first = rows.first, let last = rows.last, first.seq == from + 1 else { return nil }
            next.numbers[part] = last.seq
            subjects += rows.map(\.subject).filter { seen.insert($0).inserted }
            room -= rows.count
        }
        return Page(subjects: subjects, place: next, isLast: heads.allSatisfy { $0.value <= next.numbers[$0.key] ?? 0 })
    }
}

private struct ChangedSubject: PostgresRowDecodable {
    let seq: Int64
    let subject: String

    init(row: borrowing PostgresRow) throws(PostgresError) {
        seq = try row["seq"]
        subject = try row["subject"]
    }
}

extension StreamStoreQueries {
    static func subjects(_ partition: StreamPartition, after seq: Int64, limit: Int) -> SQL {
        """
        SELECT s.seq, o.subject FROM stream s JOIN outbox o ON o.id = s.outbox_id
        WHERE s.topic = \(partition.topic) AND s.part = \(partition.part) AND s.seq > \(seq) ORDER BY s.seq LIMIT \(Int64(limit))
        """
    }
}
