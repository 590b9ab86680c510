import Contracts
import Crypto
import EventLog
import Telemetry

/// One simulated street from beginning to end: an emitting service, a broker, consuming services, people who write, and what goes wrong.
final class World {
    static let hash = StreamHash(key: HMACKey(Array("the key of a simulated street, known to its services".utf8)))

    let scenario: Scenario
    let scheduler: Scheduler
    let owner: PostgresModel<OwnerRows>
    let kafka: KafkaModel
    let door: OwnerDoor
    let metrics: MetricsRegistry
    let traces: Bool
    let services: [ListeningService]
    private(set) var replicas: [Replica] = []
    private(set) var writers: Writers?
    var random: SeededRandom
    let parts: [StreamPartition]
    let topic: Topic
    /// Faults are over and everything must come right.
    private(set) var isCalm = false
    var wasRestored = false
    var tally = Tally()

    struct Tally: Equatable { var kills = 0, stops = 0, longestRest = 0 }

    init(_ scenario: Scenario, metrics: MetricsRegistry, traces: Bool = false) {
        self.scenario = scenario
        self.metrics = metrics
        self.traces = traces
        topic = Topic(
            "tickets.v1", owner: .intake, readers: [.routing], partitions: scenario.partitions, retention: .seconds(14 * 86_400),
            kind: .internal)
        parts = (0..<scenario.partitions).map { StreamPartition(topic: "tickets.v1", part: Int32($0)) }
        let scheduler = Scheduler(seed: scenario.seed)
        self.scheduler = scheduler
        owner = PostgresModel(OwnerRows(), on: scheduler, random: SeededRandom(seed: scenario.seed, purpose: 4))
        kafka = KafkaModel(
            parts: parts, groups: scenario.consumers.count, on: scheduler, random: SeededRandom(seed: scenario.seed, purpose: 5))
        door = OwnerDoor(owner, random: SeededRandom(seed: scenario.seed, purpose: 6))
        random = SeededRandom(seed: scenario.seed, purpose: 7)
        services = scenario.consumers.indices.map { ListeningService($0, scenario, on: scheduler) }
    }

    /// Runs it all; what is wrong afterwards, empty when nothing is.
    func run() -> [Violation] {
        begin()
        var end = scheduler.run(until: scenario.active)
        if end != .steps {
            calm()
            end = settle()
            // What has come to rest must still be alive.
            if end == .condition {
                note("epilogue")
                writers?.writeOnceMore()
                end = settle()
            }
        }
        note("ended: \(end)")
        var violations = end == .steps ? [Violation("the loops run without end at \(scheduler.now) µs")] : Checker(self).violations()
        if end != .condition, violations.isEmpty { violations.append(Violation("there is no rest")) }
        for replica in replicas { replica.machine.kill() }
        _ = scheduler.run(until: scheduler.now)
        return violations
    }

    private func begin() {
        setHabits()
        if scenario.faults.contains(.noKafka) { kafka.isUp = false }
        for number in 0..<scenario.owners { replicas.append(Replica("owner-\(number + 1)", .owner, in: self)) }
        for (service, count) in scenario.consumers.enumerated() {
            for number in 0..<count { replicas.append(Replica("listener-\(service + 1)-\(number + 1)", .listener(service), in: self)) }
        }
        for replica in replicas { replica.start() }
        let writers = Writers(owner, scenario, topic: topic.name) { [weak self] in self?.wakeSequencers() }
        self.writers = writers
        writers.begin()
        for disturbance in scenario.disturbances {
            scheduler.after(disturbance.at) { [weak self] in self?.disturb(disturbance) }
        }
    }

    /// A commit wakes the sequencer of the replica that made it, which may be any.
    private func wakeSequencers() {
        random.pick(replicas.filter { $0.kind == .owner })?.committed()
    }

    /// Faults end: what is dead starts again, what is stopped goes on, what is away comes back.
    private func calm() {
        note("calm")
        isCalm = true
        setHabits()
        kafka.isUp = !scenario.faults.contains(.noKafka)
        kafka.endPassingLimits()
        door.isOpen = true
        owner.isUp = true
        for service in services { service.database.isUp = true }
        writers?.faultsAreOn = false
        for service in services { service.heal() }
        for replica in replicas { replica.recover() }
    }

    /// Until nothing changes any more, at most so long.
    private func settle() -> Scheduler.End {
        let began = scheduler.now
        var nextLook = began
        defer { tally.longestRest = max(tally.longestRest, scheduler.now - began) }
        return scheduler.run(until: began + Self.patience) { [self] in
            guard scheduler.now >= nextLook else { return false }
            nextLook = scheduler.now + 200_000
            for service in services { service.replayParked() }
            return Checker(self).isQuiet
        }
    }

    /// How long healing may take, microseconds of virtual time.
    static let patience = 150_000_000

    func note(_ what: @autoclosure () -> String) {
        if traces { Trace.print(scheduler.now, "world", what()) }
    }

    func log(of process: String) -> Log {
        traces
            ? Log("", level: .debug, sink: TraceSink(scheduler: scheduler, process: process))
            : Log("", level: .error, sink: NoSink())
    }

    func pick(_ all: [Replica], _ target: Int) -> Replica? { all.isEmpty ? nil : all[target % all.count] }
}

/// Something that must never be.
public struct Violation: Sendable, Equatable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}
