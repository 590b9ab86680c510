import EventLoop
import Synchronization
import Telemetry
import Testing

@testable import ServiceKit

private final class Journal: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func note(_ line: String) { lines.withLock { $0.append(line) } }
}

@Suite struct ServiceGroupTests {
    private let log = Log("test", level: .error)

    private func part(_ name: String, _ journal: Journal) -> Part {
        let ended = Signal()
        return Part(
            name,
            run: {
                journal.note("\(name) runs")
                try await ended.wait()
                journal.note("\(name) ended")
            },
            stop: {
                journal.note("\(name) stops")
                ended.raise()
            })
    }

    @Test func `parts start in order and stop backwards, each when the one before has ended`() async throws {
        let journal = Journal()
        let stopping = Signal()
        let parts = [part("pool", journal), part("consumer", journal), part("http", journal)]
        let group = ServiceGroup(parts, on: .shared, log: log)
        let running = Task { try await group.run(until: stopping) }
        while journal.all.count < 3 { await Task.yield() }
        stopping.raise()
        try await running.value
        #expect(
            journal.all == [
                "pool runs", "consumer runs", "http runs", "http stops", "http ended", "consumer stops", "consumer ended",
                "pool stops", "pool ended",
            ])
    }

    @Test func `a part that fails stops the others and its error comes out`() async {
        struct Broken: Error {}
        let journal = Journal()
        let group = ServiceGroup(
            [part("pool", journal), Part.task("consumer") { throw Broken() }], on: .shared, log: Log("test", sink: Silent()))
        await #expect(throws: Broken.self) { try await group.run(until: Signal()) }
        #expect(journal.all.last == "pool ended")
    }

    @Test func `a part that does not stop is cancelled after its grace`() async throws {
        let stopping = Signal()
        let deaf = Part("deaf", run: { try await EventLoop.shared.sleep(for: .seconds(3600)) }, stop: {})
        let group = ServiceGroup([deaf], on: .shared, log: Log("test", sink: Silent()), grace: .milliseconds(20))
        stopping.raise()
        try await group.run(until: stopping)
    }

    @Test func `readiness names what is wrong, and says no once stopping`() async {
        let health = Health()
        health.add("postgres") { nil }
        health.add("kafka") { "no broker" }
        #expect(await health.report().map { "\($0.name) \($0.trouble ?? "ok")" } == ["postgres ok", "kafka no broker"])
        health.beginStopping()
        #expect(await health.report().first?.name == "stopping")
    }
}

private struct Silent: LogSink {
    func write(_ line: [UInt8]) {}
}
