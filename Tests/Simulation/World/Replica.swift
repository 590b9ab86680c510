import EventLog
import Telemetry

/// A place where a process of one service runs; when the process dies, another takes its place after a while.
final class Replica: @unchecked Sendable {
    enum Kind: Equatable {
        case owner
        case listener(Int)
    }

    let name: String
    let kind: Kind
    private unowned let world: World
    private(set) var machine: SimulatedMachine
    private var wakeUp: (any Bell)?
    private(set) var consumer: StreamConsumer?
    private var lives = 0

    init(_ name: String, _ kind: Kind, in world: World) {
        self.name = name
        self.kind = kind
        self.world = world
        machine = SimulatedMachine(name, on: world.scheduler)
    }

    /// A new process.
    func start() {
        lives += 1
        machine = SimulatedMachine("\(name).\(lives)", on: world.scheduler)
        switch kind {
        case .owner: startOwner()
        case .listener(let service): startListener(world.services[service])
        }
    }

    func committed() { if machine.state == .running { wakeUp?.ring() } }

    func kill(restartAfter pause: Int) {
        guard machine.state != .dead else { return }
        machine.kill()
        world.scheduler.after(pause) { [weak self] in self?.recover() }
    }

    /// Running, whatever it was before.
    func recover() {
        machine.resume()
        if machine.state == .dead { start() }
    }

    private func pace(_ purpose: Int) -> SimulatedPace {
        let own = name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) } &+ UInt64(lives * 16 + purpose)
        return SimulatedPace(machine, random: SeededRandom(seed: world.scenario.seed, purpose: 1000 &+ own))
    }

    private func startOwner() {
        let (owner, machine, kafka, log) = (world.owner, machine, world.kafka, world.log(of: machine.name))
        let publisher = Publisher(
            store: SimulatedPublisherStore(owner: owner, machine: machine), keeping: [world.topic], pace: pace(1),
            clock: SimulatedClock(machine: machine), retryingAsideEvery: .microseconds(world.scenario.asideInterval), log: log,
            metrics: world.metrics
        ) {
            SimulatedRecordSink(producer: ProducerModel(kafka, for: machine))
        }
        let pace = pace(2)
        let wakeUp = pace.bell()
        self.wakeUp = wakeUp
        let sequencer = Sequencer(
            store: SimulatedSequencerStore(owner: owner, machine: machine), hash: World.hash, wakeUp: wakeUp, pace: pace,
            log: log, metrics: world.metrics, pageSize: world.scenario.page
        ) { publisher.accept($0) }
        machine.start { try await publisher.run() }
        machine.start { try await sequencer.run() }
    }

    private func startListener(_ service: ListeningService) {
        let consumer = StreamConsumer(
            feed: SimulatedRecordFeed(feed: FeedModel(world.kafka, group: service.number, for: machine)),
            store: SimulatedConsumerStore(database: service.database, machine: machine, handler: service.handler),
            owners: SimulatedStreams(door: world.door, machine: machine), topics: [world.topic], hash: World.hash, pace: pace(3),
            ceiling: world.scenario.faults.contains(.poisonFlood) ? 2 : 100,
            log: world.log(of: machine.name), metrics: world.metrics)
        self.consumer = consumer
        let judge = SimulatedJudge(door: world.door, machine: machine) { [service] cursors in service.told(cursors) }
        let auditor = Auditor(
            "listener-\(service.number)", consumer: consumer, judge: judge, pace: pace(4), log: world.log(of: machine.name),
            metrics: world.metrics, now: { 0 })
        machine.start { await auditor.run() }
        machine.start {
            try await consumer.run()
        } ended: { [weak self] error in
            self?.ended(error)
        }
    }

    /// A loop that ends ends its process, which is started again, as an operator's supervisor does.
    private func ended(_ error: (any Error)?) {
        world.note("\(machine.name) ended: \(error.map { "\($0)" } ?? "by itself")")
        kill(restartAfter: 1_000_000)
    }
}
