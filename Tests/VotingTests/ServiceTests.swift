import Contracts
import EventLoop
import Kafka
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import EventLog
@testable import ServiceKit
@testable import Voting

/// The whole service between two databases and a broker: routing's side is played by its event log alone.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct ServiceTests {
    @Test func `a closing comes over Kafka and the evaluation leaves over Kafka`() async throws {
        let broker = try EmbeddedBroker()
        for topic in Topics.internal { try broker.createTopic(topic.name, partitions: topic.partitions) }
        let heard = Heard()
        try await Self.with("voting", try Voting.allMigrations, broker, { try await Voting.assemble(&$0) }) { voting in
            let routing = { (service: inout Assembly) async throws in
                try service.relay()
                try service.consume(Subscriptions([.each(EvaluationGiven.self) { event, _ in heard.add(event.body) }]))
            }
            try await Self.with("routing", EventLogMigrations.all, broker, routing) { routing in
                let snapshot = try Sample.snapshot(at: routing.clock.now())
                try await routing.postgres.transaction { transaction in
                    routing.outbox.emit(CaseClosed(snapshot: snapshot, ending: .solved), version: 9, in: &transaction)
                }
                await eventually(within: .seconds(30), "the window is open") {
                    try await voting.postgres.query(EvaluationQueries.matter(snapshot.ticket), as: Evaluable.self).first?.closing.round == 1
                }
                let give = GiveEvaluation(
                    pool: voting.postgres, outbox: voting.outbox, clock: voting.clock, ids: voting.ids,
                    meter: EvaluationMeter(voting.metrics))
                let filing = Evaluate(
                    ticket: snapshot.ticket, party: .resident, opinion: Sample.opinion(.no), repetition: .none, bodyHash: [])
                guard case .given(let evaluation) = try await give.file(filing) else {
                    Issue.record("not given")
                    return
                }
                await eventually(within: .seconds(30), "routing hears it") { heard.events.map(\.evaluation) == [evaluation.id] }
                #expect(heard.events.first?.solved == .no)
                #expect(String(decoding: voting.metrics.render(), as: UTF8.self).contains(#"shao_evaluations_total{solved="no"} 1"#))
            }
        }
        // Swift would free it after its last use.
        withExtendedLifetime(broker) {}
    }

    /// Runs a service on a database of its own until `body` is done.
    private static func with(
        _ name: String, _ migrations: [Migration], _ broker: EmbeddedBroker, _ assemble: (inout Assembly) async throws -> Void,
        _ body: (Assembly) async throws -> Void
    ) async throws {
        try await TemporaryDatabase.with(migrations: migrations, poolSize: 1) { database in
            let database = try #require(try await database.query("SELECT current_database()::text", as: String.self).first)
            let configuration = try Fixture.configuration([
                "SHAO_POSTGRES": "\(TemporaryDatabase.conninfo ?? "") dbname=\(database)", "KAFKA_BOOTSTRAP_SERVERS": broker.servers,
                "SHAO_KAFKA_AUTO_OFFSET_RESET": "earliest",
            ])
            var assembly = try Assembly(
                name: name, configuration: configuration, loop: .shared, log: Log("test", level: .error))
            try await assemble(&assembly)
            let stopping = Signal(on: .shared)
            let service = assembly
            let running = Task(executorPreference: EventLoop.shared) { try await service.run(until: stopping) }
            do { try await body(service) } catch {
                stopping.raise()
                _ = await running.result
                throw error
            }
            stopping.raise()
            try await running.value
        }
    }
}

/// What came over Kafka.
private final class Heard: Sendable {
    private let kept = Mutex<[EvaluationGiven]>([])
    var events: [EvaluationGiven] { kept.withLock { $0 } }
    func add(_ event: EvaluationGiven) { kept.withLock { $0.append(event) } }
}
