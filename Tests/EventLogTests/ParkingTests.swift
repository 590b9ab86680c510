import Contracts
import TestKit
import Testing

@testable import EventLog
@testable import Postgres

/// One event that fails for good must not hold up anybody else.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct ParkingTests {
    @Test func `one poison ticket among thousands is parked in order, all others go on, and a replay applies it once`() async throws {
        try await ConsumerWorld.with { world in
            let subjects = ConsumerWorld.subjects(300)
            let poison = subjects[117]
            let history = ConsumerWorld.history(subjects, rounds: 10)
            let consumer = world.consumer(FixedSource(all: history))
            var memory = ConsumerMemory()
            try await world.forbid(poison)
            for start in stride(from: 0, to: 2400, by: 500) {
                try await consumer.apply(Array(history[start..<min(start + 500, 2400)]), &memory)
            }
            #expect(try await world.cursor() == 2400)
            #expect(try await world.heard().count == 299 * 8)
            #expect(try await world.heard(poison) == [])
            #expect(world.count("shao_parked_total") == 1)
            #expect(consumer.trouble == nil && consumer.status.haltedPartitions == nil)
            let listed = try await world.parked.list()
            #expect(listed.map(\.subject) == [poison] && listed.first?.events == 8 && listed.first?.firstSeq == 118)
            #expect(listed.first?.reason.contains("this subject fails") == true)
            let shown = try await world.parked.show(topic: "tickets.v1", subject: poison)
            #expect(shown.map(\.version) == Array(1...8) && shown.map { $0.reason != nil } == [true] + Array(repeating: false, count: 7))

            let early = try await world.parked.replay(topic: "tickets.v1", subject: poison)
            guard case .failed(let reason) = early else {
                Issue.record("replayed before the repair: \(early)")
                return
            }
            #expect(reason.contains("this subject fails"))
            #expect(try await world.parked.show(topic: "tickets.v1", subject: poison).count == 8)

            try await world.allow(poison)
            #expect(try await world.parked.replay(topic: "tickets.v1", subject: poison) == .done(events: 8))
            #expect(try await world.parked.replay(topic: "tickets.v1", subject: poison) == .absent)
            try await consumer.apply(Array(history[2400...]), &memory)
            #expect(try await world.heard(poison) == (1...10).map { "\(poison) \($0)" })
            #expect(try await world.heard().count == 3000)
            #expect(world.count("shao_unparked_total") == 1)
            #expect(!memory.positions.parked.values.contains { !$0.isEmpty }, "the replay has been noticed")
        }
    }

    @Test func `a service that starts again knows what is parked`() async throws {
        try await ConsumerWorld.with { world in
            let subjects = ConsumerWorld.subjects(3)
            let history = ConsumerWorld.history(subjects, rounds: 2)
            try await world.forbid(subjects[1])
            var memory = ConsumerMemory()
            try await world.consumer(FixedSource(all: history)).apply(Array(history[..<3]), &memory)
            // The cause is repaired, but nobody has replayed: the order must hold all the same.
            try await world.allow(subjects[1])
            var fresh = ConsumerMemory()
            try await world.consumer(FixedSource(all: history)).apply(Array(history[3...]), &fresh)
            #expect(try await world.heard(subjects[1]) == [])
            #expect(try await world.parked.replay(topic: "tickets.v1", subject: subjects[1]) == .done(events: 2))
            #expect(try await world.heard(subjects[1]) == ["\(subjects[1]) 1", "\(subjects[1]) 2"])
        }
    }

    /// A crashed server undid what memory takes for done, and a rival parked it: the cursor's number alone would let it pass.
    @Test func `a consumer that does not know what is parked moves nothing`() async throws {
        try await ConsumerWorld.with { world in
            let subjects = ConsumerWorld.subjects(1)
            let history = ConsumerWorld.history(subjects, rounds: 2)
            let start = try await world.store.load([history[0].partition])
            var stale = start
            stale.cursors[history[0].partition] = Cursor(seq: 1, hash: history[0].hash)
            _ = try await world.store.apply(ApplyStep([history[0]], at: start, poison: "made to"))
            do {
                _ = try await world.store.apply(ApplyStep([history[1]], at: stale))
                Issue.record("it went past the parked event")
            } catch {
                #expect(FailureClass(of: error) == .fenced)
            }
            #expect(try await world.heard(subjects[0]) == [])
            let now = try await world.store.load([history[0].partition])
            _ = try await world.store.apply(ApplyStep([history[1]], at: now))
            #expect(try await world.parked.replay(topic: "tickets.v1", subject: subjects[0]) == .done(events: 2))
        }
    }

    @Test func `a payload that cannot be read is parked`() async throws {
        try await ConsumerWorld.with { world in
            let subjects = ConsumerWorld.subjects(20)
            var events = ConsumerWorld.history(subjects, rounds: 1).map(\.event)
            events[7].payload = Array("{\"ticket\":".utf8)
            let history = Sample.stream(events)
            var memory = ConsumerMemory()
            try await world.consumer(FixedSource(all: history)).apply(history, &memory)
            #expect(try await world.heard().count == 19)
            #expect(try await world.parked.list().map(\.subject) == [subjects[7]])
        }
    }

    @Test(arguments: ["40001", "53100", "57P01", "55P03", "08006"])
    func `what passes by itself parks nobody`(state: String) async throws {
        try await ConsumerWorld.with { world in
            let subjects = ConsumerWorld.subjects(3)
            let history = ConsumerWorld.history(subjects, rounds: 1)
            try await world.forbid(subjects[1], state: state)
            var memory = ConsumerMemory()
            let consumer = world.consumer(FixedSource(all: history))
            await #expect(throws: PostgresError.self) { try await consumer.apply(history, &memory) }
            #expect(try await world.parked.list() == [])
            #expect(try await world.cursor() == 0)
            #expect(try await world.heard() == [])
        }
    }

    @Test func `a ceiling of parked subjects halts the partition and no other, until somebody has repaired`() async throws {
        try await ConsumerWorld.with { world in
            let subjects = ConsumerWorld.subjects(12)
            let other = ConsumerWorld.subjects(1)
            let history = ConsumerWorld.history(subjects, rounds: 1)
            let beside = ConsumerWorld.history(other, rounds: 2, part: 1)
            for subject in subjects.prefix(5) { try await world.forbid(subject) }
            let pace = ManualPace()
            let consumer = world.consumer(FixedSource(all: history + beside), pace: pace, ceiling: 3)
            var memory = ConsumerMemory()
            try await consumer.apply(history + [beside[0]], &memory)
            #expect(consumer.remark?.contains("poison ceiling") == true)
            #expect(try await world.cursor() == 3)
            #expect(try await world.parked.list().map(\.subject) == Array(subjects.prefix(3)))
            try await consumer.apply([beside[1]], &memory)
            #expect(try await world.cursor(1) == 2)

            for subject in subjects.prefix(5) where subject != subjects[3] { try await world.allow(subject) }
            for subject in subjects.prefix(3) {
                #expect(try await world.parked.replay(topic: "tickets.v1", subject: subject) == .done(events: 1))
            }
            pace.advance(by: .seconds(29))
            try await consumer.apply(Array(history.suffix(1)), &memory)
            #expect(try await world.cursor() == 3)
            pace.advance(by: .seconds(2))
            try await consumer.apply(Array(history.suffix(1)), &memory)
            #expect(try await world.cursor() == 12)
            #expect(try await world.heard().count == 13)
            #expect(try await world.parked.list().map(\.subject) == [subjects[3]], "there is room for it since the replays")
            #expect(consumer.trouble == nil && consumer.status.haltedPartitions == nil)
        }
    }

    @Test func `when more than half of a batch fails, the fault is ours and the partition halts`() async throws {
        try await ConsumerWorld.with { world in
            let subjects = ConsumerWorld.subjects(40)
            let history = ConsumerWorld.history(subjects, rounds: 1)
            for subject in subjects { try await world.forbid(subject) }
            let consumer = world.consumer(FixedSource(all: history))
            var memory = ConsumerMemory()
            try await consumer.apply(history, &memory)
            #expect(consumer.remark?.contains("poison ceiling") == true)
            #expect(try await world.parked.list().count == 20)
            #expect(try await world.cursor() == 20)
        }
    }

    @Test func `what is dropped is kept with its reason, and later events flow`() async throws {
        try await ConsumerWorld.with { world in
            let subjects = ConsumerWorld.subjects(2)
            let history = ConsumerWorld.history(subjects, rounds: 3)
            try await world.forbid(subjects[0])
            let consumer = world.consumer(FixedSource(all: history))
            var memory = ConsumerMemory()
            try await consumer.apply(Array(history[..<4]), &memory)
            #expect(try await world.parked.drop(topic: "tickets.v1", subject: "nobody", why: "-") == nil)
            #expect(try await world.parked.drop(topic: "tickets.v1", subject: subjects[0], why: "a test ticket") == 2)
            let kept = try await world.pool.query("SELECT version || ' ' || why FROM parked_dropped ORDER BY seq", as: String.self)
            #expect(kept == ["1 a test ticket", "2 a test ticket"])
            try await world.allow(subjects[0])
            try await consumer.apply(Array(history[4...]), &memory)
            #expect(try await world.heard(subjects[0]) == ["\(subjects[0]) 3"])
        }
    }

    /// Replayed with the others or applied after them: never both, never neither, never before.
    @Test func `two replicas and a replay at the same moment apply every event once and in order`() async throws {
        try await ConsumerWorld.with { world in
            let rounds = 12
            let subjects = ConsumerWorld.subjects(4)
            let poison = subjects[2]
            let history = ConsumerWorld.history(subjects, rounds: Int32(rounds * 4))
            let source = FixedSource(all: history)
            let replicas = [world.consumer(source), world.consumer(source)]
            for round in 0..<rounds {
                let begin = round * 16
                let batch = Array(history[begin..<(begin + 16)])
                try await world.forbid(poison)
                var memory = ConsumerMemory()
                try await replicas[round % 2].apply(Array(batch[..<4]), &memory)
                try await world.allow(poison)
                await withTaskGroup { group in
                    for replica in replicas {
                        group.addTask {
                            var memory = ConsumerMemory()
                            for part in 1..<4 { try? await replica.applyForSure(Array(batch[(part * 4)..<(part * 4 + 4)]), &memory) }
                        }
                    }
                    group.addTask { _ = try? await world.parked.replay(topic: "tickets.v1", subject: poison) }
                }
                _ = try await world.parked.replay(topic: "tickets.v1", subject: poison)
            }
            for subject in subjects {
                #expect(try await world.heard(subject) == (1...(rounds * 4)).map { "\(subject) \($0)" })
            }
            #expect(world.count("shao_parked_total") == rounds)
        }
    }
}

/// What decides between retry and parking.
@Suite struct FailureClassTests {
    @Test func `conflicts, resources, operators and connections pass; a lost race is fenced; the rest lasts`() {
        func server(_ state: String) -> PostgresError { PostgresError(.server, "no", sqlState: state) }
        for state in ["40001", "40P01", "53100", "53300", "57014", "57P01", "57P03", "55P03", "08006", "25006", "58030"] {
            #expect(FailureClass(of: server(state)) == .passing, "\(state)")
        }
        for state in ["22P02", "23505", "23503", "42P01", "42883", "P0001", "XX000"] {
            #expect(FailureClass(of: server(state)) == .lasting, "\(state)")
        }
        #expect(FailureClass(of: server("SH001")) == .fenced)
        for kind in [PostgresError.Kind.connection, .server, .timeout, .cancelled, .protocolViolation] {
            #expect(FailureClass(of: PostgresError(kind, "gone")) == .passing)
        }
        #expect(FailureClass(of: PostgresError(.decode, "NULL")) == .lasting)
        #expect(FailureClass(of: CancellationError()) == .passing)
        #expect(FailureClass(of: EventLogError(.unreachable, "")) == .passing)
        #expect(FailureClass(of: EventLogError(.fenced, "")) == .fenced)
        #expect(FailureClass(of: EventLogError(.poison, "")) == .lasting)
        struct Own: Error {}
        #expect(FailureClass(of: Own()) == .lasting)
    }
}
