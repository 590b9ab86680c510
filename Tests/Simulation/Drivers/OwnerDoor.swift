import EventLog

/// `GET /internal/stream` of an owner, as its readers see it: answers that are late, lost, or never come.
final class OwnerDoor: @unchecked Sendable {
    struct Habits { var drops = 0, latency = 3_000 }
    struct Tally: Equatable { var served = 0, dropped = 0, refused = 0 }

    private let owner: PostgresModel<OwnerRows>
    private var random: SeededRandom
    var habits = Habits()
    var isOpen = true
    private(set) var tally = Tally()

    init(_ owner: PostgresModel<OwnerRows>, random: SeededRandom) {
        self.owner = owner
        self.random = random
    }

    func goAway(for duration: Int) {
        isOpen = false
        owner.scheduler.after(duration) { [weak self] in self?.isOpen = true }
    }

    /// What the owner's database says when the question arrives.
    func get<T: Sendable>(for machine: SimulatedMachine, _ read: @escaping (OwnerRows) -> T) async throws -> T {
        try await machine.ask { (reply: Reply<T>) in
            let scheduler = owner.scheduler
            scheduler.after(random.delay(upTo: habits.latency)) { [self] in
                guard isOpen, owner.isUp else {
                    tally.refused += 1
                    return reply.settle(.failure(EventLogError(.unreachable, "connection refused")))
                }
                if random.chance(habits.drops) {
                    tally.dropped += 1
                    return scheduler.after(10_000_000) { reply.settle(.failure(EventLogError(.unreachable, "no answer in time"))) }
                }
                tally.served += 1
                let answer = read(owner.rows)
                scheduler.after(random.delay(upTo: habits.latency)) { reply.settle(.success(answer)) }
            }
        }
    }
}

/// The owner's stream for one reading process.
struct SimulatedStreams: StreamSource {
    let door: OwnerDoor
    let machine: SimulatedMachine

    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        try await door.get(for: machine) { rows in
            var found: [StreamRecord] = []
            for row in rows.stream where found.count < limit {
                let record = row.record
                if record.seq >= seq, record.event.part == partition.part, record.event.topic == partition.topic { found.append(record) }
            }
            return found
        }
    }

    func heads(of topics: [String]) async throws -> [StreamHead] {
        try await door.get(for: machine) { rows in
            rows.heads.filter { topics.contains($0.partition.topic) }.sorted { $0.partition.part < $1.partition.part }
        }
    }
}

/// `POST /internal/audit` of the owner, for one reading process.
struct SimulatedJudge: HistoryJudge {
    let door: OwnerDoor
    let machine: SimulatedMachine
    /// Hears what the owner is told, when it is told.
    let told: @Sendable ([AuditedCursor]) -> Void

    func judge(_ question: AuditQuestion) async throws -> [AuditVerdict] {
        try await door.get(for: machine) { rows in
            told(question.cursors)
            return question.cursors.map { asked in
                let history = rows.history(of: asked.partition)
                let head = rows.head(of: asked.partition)
                let seq = Int(asked.cursor.seq)
                let own = seq > 0 && seq <= history.count ? history[seq - 1].hash : nil
                return OwnPosition(hash: own, head: head?.seq, headHash: head?.hash).judge(asked.cursor)
            }
        }
    }
}
