import EventLog
import Testing

@testable import Simulation

/// The models must be able to do harm, or the loops have proven nothing.
@Suite struct PostgresModelTests {
    private let scheduler = Scheduler(seed: 1)
    private let server: PostgresModel<ConsumerRows>
    private let part = StreamPartition(topic: "t", part: 0)

    init() { server = PostgresModel(ConsumerRows(), on: scheduler, random: SeededRandom(seed: 1)) }

    private func commit(_ part: Int32, synchronously: Bool) {
        let transaction = server.begin()
        transaction.changes.append(.open([StreamPartition(topic: "t", part: part)]))
        server.commit(transaction, synchronously: synchronously) { _ in }
    }

    @Test func `a snapshot names what runs, and its end is one past the latest that has ended`() {
        let (first, second, third) = (server.begin(), server.begin(), server.begin())
        for transaction in [first, second, third] { server.xid(of: transaction) }
        #expect(server.snapshot == "730:730:")
        server.commit(second, synchronously: false) { _ in }
        #expect(server.snapshot == "730:732:730")
        server.abort(first)
        #expect(server.snapshot == "732:732:")
        #expect(Snapshot("730:732:730").sees(731))
        #expect(!Snapshot("730:732:730").sees(730))
        #expect(!Snapshot("730:732:730").sees(732))
    }

    @Test func `a crash may lose asynchronous commits, and only those behind the last flush`() {
        var lost = 0
        for _ in 0..<20 {
            commit(1, synchronously: true)
            _ = scheduler.run(until: scheduler.now + 10_000)
            commit(2, synchronously: false)
            #expect(server.rows.cursors.count == 2)
            server.crash(downFor: 1000)
            #expect(server.rows.cursors[StreamPartition(topic: "t", part: 1)] != nil)
            lost += server.rows.cursors.count == 1 ? 1 : 0
            _ = scheduler.run(until: scheduler.now + 10_000)
        }
        #expect(lost > 0)
    }

    @Test func `a lock passes to who waited, and an advisory lock ends with its session`() async throws {
        let (first, second) = (server.begin(), server.begin())
        var order: [String] = []
        server.lock(["a"], for: first) { _ in order.append("first") }
        server.lock(["a"], for: second) { _ in order.append("second") }
        #expect(order == ["first"])
        server.abort(first)
        _ = scheduler.run(until: scheduler.now + 1)
        #expect(order == ["first", "second"])
    }

    @Test func `a restored server is another one and has forgotten what came after the backup`() {
        commit(1, synchronously: true)
        _ = scheduler.run(until: scheduler.now + 10_000)
        server.takeBackup()
        commit(2, synchronously: true)
        _ = scheduler.run(until: scheduler.now + 10_000)
        let before = server.identity
        #expect(server.restore(.promotion, downFor: 1))
        #expect(server.identity.timeline == before.timeline + 1)
        #expect(server.rows.cursors.count == 1)
    }
}

@Suite struct ConnectionModelTests {
    @Test func `statements of one connection run one after another, and what runs keeps its locks`() {
        let scheduler = Scheduler(seed: 4)
        let server = PostgresModel(ConsumerRows(), on: scheduler, random: SeededRandom(seed: 4))
        let machine = SimulatedMachine("a", on: scheduler)
        let (first, second) = (PostgresModel<ConsumerRows>.Session(machine: machine), PostgresModel<ConsumerRows>.Session(machine: machine))
        server.sessions = [first, second]
        #expect(server.tryLock(1, for: first))
        var (order, finish): ([String], (() -> Void)?) = ([], nil)
        first.run { done in
            order.append("one")
            finish = done
        }
        first.run { done in
            order.append("two")
            done()
        }
        server.close(first)
        #expect(order == ["one"])
        #expect(!server.tryLock(1, for: second), "its statement still runs")
        finish?()
        #expect(order == ["one", "two"])
        #expect(server.tryLock(1, for: second))
    }
}

@Suite struct KafkaModelTests {
    private let scheduler = Scheduler(seed: 2)
    private let part = StreamPartition(topic: "tickets.v1", part: 0)

    @Test func `a truncated log grows again over the same offsets, and a wiped one is another cluster`() {
        let broker = KafkaModel(parts: [part], groups: 1, on: scheduler, random: SeededRandom(seed: 2))
        for _ in 0..<3 { _ = broker.append(nil, to: 0) }
        broker.truncate(0)
        #expect(broker.ends().map(\.1) == [2])
        #expect(broker.append(nil, to: 0) == 2)
        let name = broker.name
        broker.wipe(topicsRemain: true)
        #expect(broker.name != name)
        #expect(broker.ends().map(\.1) == [0])
    }

    @Test func `a broker takes no record above its lowest limit, and only limits that pass end`() {
        let broker = KafkaModel(parts: [part], groups: 1, on: scheduler, random: SeededRandom(seed: 2))
        broker.refuse(above: 10, for: 5000)
        broker.refuse(above: 15, for: nil)
        #expect(broker.takes(bytes: 10) && !broker.takes(bytes: 11))
        _ = scheduler.run(until: scheduler.now + 6000)
        #expect(broker.takes(bytes: 15) && !broker.takes(bytes: 16))
        broker.refuse(above: 10, for: 5000)
        broker.endPassingLimits()
        #expect(broker.takes(bytes: 15) && !broker.takes(bytes: 16))
    }
}

@Suite struct MachineTests {
    @Test func `a stopped process does nothing until it goes on, and a killed one nothing more`() {
        let scheduler = Scheduler(seed: 3)
        let (stopped, killed) = (SimulatedMachine("a", on: scheduler), SimulatedMachine("b", on: scheduler))
        final class Steps: @unchecked Sendable { var taken: [String] = [] }
        let steps = Steps()
        for machine in [stopped, killed] {
            machine.start {
                while true {
                    try await machine.pause(1000)
                    steps.taken.append(machine.name)
                }
            }
        }
        _ = scheduler.run(until: 1500)
        #expect(steps.taken.sorted() == ["a", "b"])
        stopped.stop()
        killed.kill()
        _ = scheduler.run(until: 5500)
        #expect(steps.taken.count == 2)
        stopped.resume()
        _ = scheduler.run(until: scheduler.now + 1100)
        #expect(steps.taken.filter { $0 == "a" }.count == 3)
        stopped.kill()
        _ = scheduler.run(until: scheduler.now)
    }
}
