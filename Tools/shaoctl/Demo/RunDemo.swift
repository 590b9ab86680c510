import Contracts
import EventLoop
import FoundationEssentials
import Kafka
import Telemetry

/// `shaoctl demo`: a lively street, until Ctrl-C.
enum RunDemo {
    static let command = Command(
        words: ["demo"], summary: "keep a lively street going until Ctrl-C",
        options: Environment.options + [
            .value("rate", "N", "reports a second", default: "3"),
            .value("for", "TIME", "how long, such as 90s, 10m or 2h (default: until Ctrl-C)"),
            .value("pace", "FACTOR", "how quickly staff and departments work; 2 is twice as quick", default: "1"),
        ],
        story: """
            Residents report at plates with varied chips, texts and photos; communities solve matters themselves or whistle; the
            street dispatches and decides disputes; twelve departments sign, dispute some, complete; residents evaluate, and some
            say that nothing was solved, which opens the case again. One line a second says how it goes.
            """,
        run: run)

    @Sendable static func run(_ arguments: Arguments) async throws {
        let variables = ProcessInfo.processInfo.environment
        let loop = EventLoop.shared
        let environment = try Environment(arguments, environment: variables)
        let demo = try DemoFiles(environment)
        let rate = try arguments.number("rate", in: 0.1...50)
        let pace = try arguments.number("pace", in: 0.1...100)
        let end = try arguments.duration("for")
        let terminal = Terminal(environment: variables)
        let street = try DemoStreet(environment, demo, pace: pace, on: loop)
        let listener = try await EventListener(environment.kafka, topics: [Topics.cases], on: loop)
        let calls = try Self.callsConsumer(environment, demo, loop)
        terminal.remark("reports at \(environment.gateway), \(rate) a second; Ctrl-C ends")

        let stopping = Signal(on: loop)
        let watch = Task(executorPreference: loop) {
            await loop.firstStopSignal()
            stopping.raise()
        }
        let parts = [
            Task(executorPreference: loop) {
                await listener.run(keep: { heard in
                    street.staffActs(on: heard)
                    return false
                })
            },
            Task(executorPreference: loop) { await street.answerCalls(calls) },
            Task(executorPreference: loop) { await street.report(rate: rate) },
            Task(executorPreference: loop) { await street.showTally(on: terminal) },
        ]
        _ = try? await stopping.wait(until: end.map { .now + $0 })
        watch.cancel()
        street.stop()
        for part in parts { part.cancel() }
        await listener.close()
        await calls.close()
        for part in parts { await part.value }
        await street.close()
        terminal.say((terminal.isTerminal ? "\n" : "") + street.tally.text)
    }

    /// A group of its own remembers which calls were answered, so that a second demo goes on where the first ended.
    private static func callsConsumer(_ environment: Environment, _ demo: DemoFiles, _ loop: EventLoop) throws -> KafkaConsumer {
        return try KafkaConsumer(
            environment.kafka.merging(["auto.offset.reset": "earliest"]), group: "shaoctl-demo",
            topics: demo.dispatchTopics(of: demo.departments.keys).map(\.name), on: loop,
            log: Log("kafka", level: .error, sink: StandardErrorSink()))
    }
}
