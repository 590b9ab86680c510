import Contracts
import EventLoop
import Kafka
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import EventLog

/// Reading owners' streams where Kafka brings nothing.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct PullTests {
    private static let assignment = Set((0..<12).map { StreamPartition(topic: "tickets.v1", part: $0) })

    @Test func `without any Kafka a service reads its owners, and two replicas do not double anything`() async throws {
        try await ConsumerWorld.with { world in
            let subjects = ConsumerWorld.subjects(70)
            let parts = (0..<3).map { ConsumerWorld.history(subjects.map { "\($0)" }, rounds: 10, part: Int32($0)) }
            // The same subjects in every partition would meet in `heard`; each partition has its own versions.
            let history = parts.enumerated().flatMap { part, records in
                Sample.stream(
                    records.map { record in
                        var event = record.event
                        event.version += Int32(part) * 100
                        return event
                    })
            }
            let source = CountingSource(FixedSource(all: history))
            let replicas = (0..<2).map { _ in world.consumer(source) }
            let tasks = replicas.map { replica in Task { try await replica.run() } }
            await eventually(within: .seconds(20), "everything is applied") { try await world.heard().count == 2100 }
            for subject in subjects.prefix(5) {
                let heard = try await world.heard(subject).filter { ($0.split(separator: " ").last.flatMap { Int($0) } ?? 0) <= 100 }
                #expect(heard == (1...10).map { "\(subject) \($0)" })
            }
            #expect(world.count("shao_pulled_total") >= 2100)
            #expect(replicas.contains { $0.remark?.contains("reading from owners") == true })
            #expect(source.mostTopicsAtOnce == 1 && source.looks > 2)
            for task in tasks { task.cancel() }
            for task in tasks { _ = try? await task.value }
        }
    }

    @Test func `a lost tail is pulled, and Kafka is read again when it has caught up`() async throws {
        try await ConsumerWorld.with { world in
            let subject = ConsumerWorld.subjects(1)
            let history = ConsumerWorld.history(subject, rounds: 8)
            let feed = ScriptedFeed()
            let source = GrowingSource(history)
            let consumer = world.consumer(source, feed: feed)
            let task = Task { try await consumer.run() }
            source.grow(to: 3)
            feed.bring(Array(history[..<3]), assignment: Self.assignment)
            await eventually("Kafka brings three") { try await world.cursor() == 3 }
            #expect(world.count("shao_pulled_total") == 0)
            source.grow(to: 6)
            await eventually("the tail is pulled") { try await world.cursor() == 6 }
            #expect(world.count("shao_pulled_total") == 3)
            await eventually("it says so") { world.metrics.gauge("shao_pulled_partitions", "").value == 1 }
            source.grow(to: 7)
            feed.bring(Array(history[3..<7]), assignment: Self.assignment)
            await eventually("Kafka's seventh is applied") { try await world.cursor() == 7 }
            await eventually("the partition is Kafka's again") { world.metrics.gauge("shao_pulled_partitions", "").value == 0 }
            source.grow(to: 8)
            feed.bring([history[7]], assignment: Self.assignment)
            await eventually("and stays Kafka's") { try await world.cursor() == 8 }
            #expect(world.count("shao_pulled_total") <= 4)
            await feed.close()
            try await task.value
        }
    }

    @Test func `a partition of which Kafka has never brought anything is pulled too`() async throws {
        try await ConsumerWorld.with { world in
            let history = ConsumerWorld.history(ConsumerWorld.subjects(1), rounds: 3)
            let feed = ScriptedFeed()
            let consumer = world.consumer(FixedSource(all: history), feed: feed)
            feed.holdsAssignment = Self.assignment
            let task = Task { try await consumer.run() }
            await eventually("it is pulled") { try await world.cursor() == 3 }
            await feed.close()
            try await task.value
        }
    }

    @Test func `when the broker is wiped the owner is read, and the new broker is found again`() async throws {
        try await ConsumerWorld.with { world in
            let port = try FreePort.next()
            let log = Log("test", sink: LogTape())
            let history = ConsumerWorld.history(ConsumerWorld.subjects(3), rounds: 20)
            let source = GrowingSource(history)
            let servers = KafkaConfiguration(bootstrapServers: "127.0.0.1:\(port)")
            var settings = servers
            settings["auto.offset.reset"] = "earliest"
            let (group, reading) = (Broker.uniqueName("group"), settings)
            let feed = try KafkaRecordFeed { () throws(KafkaError) in
                try KafkaConsumer(reading, group: group, topics: ["tickets.v1"], log: log)
            }
            let consumer = world.consumer(source, feed: feed)
            let task = Task(executorPreference: EventLoop.shared) { try await consumer.run() }
            func publish(_ records: ArraySlice<StreamRecord>) async throws {
                let producer = try KafkaProducer(servers, log: log)
                _ = try await producer.send(records.map { StreamHeaders.record($0, source: "/street/310106019000/intake") })
                await producer.close(drainingFor: .seconds(1))
            }
            var broker: EmbeddedBroker? = try EmbeddedBroker(port: port)
            try broker?.createTopics([KafkaTopicSpec("tickets.v1", partitions: 12)])
            source.grow(to: 30)
            try await publish(history[..<30])
            await eventually(within: .seconds(20), "Kafka brings thirty") { try await world.cursor() == 30 }
            withExtendedLifetime(broker) {}
            broker = nil
            source.grow(to: 40)
            await eventually(within: .seconds(20), "the owner is read") { try await world.cursor() == 40 }
            broker = try EmbeddedBroker(port: port)
            try broker?.createTopics([KafkaTopicSpec("tickets.v1", partitions: 12)])
            try await publish(history[..<40])
            await eventually(within: .seconds(30), "Kafka has caught up") {
                world.metrics.gauge("shao_pulled_partitions", "").value == 0
            }
            let pulled = world.count("shao_pulled_total")
            try await publish(history[40..<60])
            source.grow(to: 60)
            await eventually(within: .seconds(20), "and brings the rest") { try await world.cursor() == 60 }
            #expect(world.count("shao_pulled_total") == pulled)
            #expect(try await world.heard().count == 60)
            await feed.close()
            try await task.value
            withExtendedLifetime(broker) {}
        }
    }

    @Test func `an owner that hangs delays nobody else's events`() async throws {
        try await ConsumerWorld.with { world in
            let subjects = ConsumerWorld.subjects(1)
            let history = ConsumerWorld.history(subjects, rounds: 3)
            let feed = ScriptedFeed()
            let consumer = world.consumer(HangingSource(), feed: feed)
            let task = Task { try await consumer.run() }
            for record in history {
                feed.bring([record], assignment: Self.assignment)
                await eventually(within: .seconds(5), "Kafka's record is applied") { try await world.cursor() == record.seq }
            }
            await feed.close()
            task.cancel()
            _ = try? await task.value
        }
    }

    @Test func `an owner known to be silent is not waited for again and again`() async throws {
        try await ConsumerWorld.with { world in
            let history = ConsumerWorld.history(ConsumerWorld.subjects(1), rounds: 9)
            let source = CountingSource(FixedSource(all: history))
            let consumer = world.consumer(source)
            var memory = ConsumerMemory()
            consumer.ownerIsSilent(history[0].partition)
            try await consumer.apply([history[4]], &memory)
            #expect(source.reads == 0)
            consumer.status.note("intake", ConsumerStatus.Look(heads: [], at: .zero))
            try await consumer.apply([history[4]], &memory)
            #expect(source.reads == 1)
            #expect(try await world.cursor() == 9)
        }
    }

    @Test func `trouble with the database is told, and forgotten when it is over though nothing new comes`() async throws {
        try await ConsumerWorld.with { world in
            let history = ConsumerWorld.history(ConsumerWorld.subjects(1), rounds: 1)
            let feed = ScriptedFeed()
            let store = BrokenStore(world.store)
            let consumer = world.consumer(FixedSource(all: history), feed: feed, store: store)
            let task = Task { try await consumer.run() }
            await eventually("it is told") { consumer.trouble?.contains("no database") == true }
            store.repair()
            await eventually("it is forgotten") { consumer.trouble == nil }
            await eventually("and the tail is pulled") { try await world.cursor() == 1 }
            await feed.close()
            try await task.value
        }
    }

    @Test func `a batch is one step, and cursors are not read again`() async throws {
        try await ConsumerWorld.with { world in
            let history = ConsumerWorld.history(ConsumerWorld.subjects(20), rounds: 10)
            let store = CountingStore(world.store)
            let consumer = world.consumer(FixedSource(all: history), store: store)
            var memory = ConsumerMemory()
            memory.assign(Self.assignment)
            for start in stride(from: 0, to: 200, by: 20) { try await consumer.apply(Array(history[start..<(start + 20)]), &memory) }
            #expect(store.loads == 1 && store.steps == 10)
            // Another assignment: somebody else may have been at work.
            memory.assign([])
            memory.assign(Self.assignment)
            try await consumer.apply(Array(history.suffix(1)), &memory)
            #expect(store.loads == 2)
        }
    }

    @Test func `after a lost race the cursors are read again, and a fenced puller rests`() async throws {
        try await ConsumerWorld.with { world in
            let history = ConsumerWorld.history(ConsumerWorld.subjects(2), rounds: 5)
            let consumer = world.consumer(FixedSource(all: history))
            var slow = ConsumerMemory()
            var fast = ConsumerMemory()
            try await consumer.apply([history[0]], &slow)
            try await consumer.apply(Array(history[..<4]), &fast)
            try await consumer.applyForSure(Array(history[1..<6]), &slow)
            #expect(try await world.cursor() == 6)
            #expect(try await world.heard().count == 6)
            #expect(world.count("shao_fenced_total") == 1)
            let partition = history[0].partition
            fast.backOff(partition, at: .seconds(10))
            #expect(fast.rests(partition, at: .seconds(12)) && !fast.rests(partition, at: .seconds(13)))

            var puller = ConsumerMemory()
            puller.learn(ConsumerPositions(cursors: [partition: Cursor(seq: 4, hash: history[3].hash)]))
            _ = puller.pull(partition)
            puller.unfinished.insert(partition)
            #expect(try await consumer.pullStalePartitions(&puller) == false)
            #expect(puller.rests(partition, at: consumer.pace.elapsed()) && puller.pulled.isEmpty)
            #expect(world.count("shao_fenced_total") == 2)
        }
    }
}

@Suite struct TailTests {
    private func head(_ partition: StreamPartition, _ seq: Int64) -> StreamHead {
        StreamHead(partition: partition, seq: seq, hash: StreamHash.empty)
    }

    @Test func `a cursor is stuck when its owner has been ahead of it for two seconds and it has not moved`() {
        let partition = StreamPartition(topic: "tickets.v1", part: 0)
        func at(_ seq: Int64) -> ConsumerPositions { ConsumerPositions(cursors: [partition: Cursor(seq: seq, hash: StreamHash.empty)]) }
        var memory = ConsumerMemory()
        var found: [Bool] = []
        let looks = [(5, 5, 0), (5, 9, 10), (5, 9, 11), (6, 9, 12), (6, 12, 13), (6, 12, 14), (12, 12, 15), (12, 13, 16)]
        for (cursor, head, second) in looks {
            memory.learn(at(Int64(cursor)))
            found.append(memory.isStuck(self.head(partition, Int64(head)), at: .seconds(second)))
        }
        #expect(found == [false, false, false, false, false, true, false, false])
    }
}
