import Contracts
import EventLoop
import FoundationEssentials
import JSON
import Telemetry

/// `shaoctl ticket`: one report, played through everything by everybody it needs.
enum PlayTicket {
    static let command = Command(
        words: ["ticket"], summary: "send one real report with a photo and print its journey hop by hop",
        options: Environment.options + [
            .value("plate", "CODE", "the plate to report at (default: the demo street's first lamp)"),
            .value("patience", "SECONDS", "how long one hop may take", default: "20"),
            .flag("no-departments", "real departments answer on Kafka; do not play them"),
            .flag("json", "one JSON object a line, for programs"),
        ],
        story: """
            A resident scans a lamp's plate and reports with a photo; the community accepts and whistles; the street dispatches to
            路灯所 (lead) and 供电 (co-handler); both sign and complete over Kafka; the community verifies; the case closes; the
            resident evaluates. Every step is really done at the gateway and on Kafka, and waited for by asking.
            """,
        run: run)

    @Sendable static func run(_ arguments: Arguments) async throws {
        let environment = ProcessInfo.processInfo.environment
        let place = try Environment(arguments, environment: environment)
        let demo = try DemoFiles(place)
        guard let lamp = try demo.plate(arguments["plate"]) else { throw Stop.usage("there is no such plate in the demo street") }
        let stage = try await Stage(place, demo, arguments, Terminal(environment: environment))
        let trace = TraceContext.root()
        try await TraceContext.$current.withValue(trace) {
            do {
                try await Journey(stage: stage, lamp: lamp, trace: trace).play()
                await stage.close()
            } catch {
                await stage.close()
                throw error
            }
        }
    }
}

/// Who and what the journey needs, connected.
struct Stage: Sendable {
    let gateway: Gateway
    let desk: StreetDesk
    let resident: Resident
    let voice: DepartmentSimulator
    let ear: EventListener
    let demo: DemoFiles
    let place: Environment
    let terminal: Terminal
    let patience: Duration
    let playsDepartments: Bool
    let speaksJSON: Bool
    private let listening: Task<Void, Never>

    init(_ place: Environment, _ demo: DemoFiles, _ arguments: Arguments, _ terminal: Terminal) async throws {
        self.place = place
        self.demo = demo
        self.terminal = terminal
        patience = .milliseconds(Int64(try arguments.number("patience", in: 1...600) * 1000))
        playsDepartments = !arguments.has("no-departments")
        speaksJSON = arguments.has("json")
        gateway = try Gateway(base: place.gateway)
        desk = StreetDesk(gateway: gateway)
        resident = Resident(gateway: gateway)
        voice = try DepartmentSimulator(place.kafka, on: .shared)
        let called = demo.dispatchTopics(of: [Journey.lead, Journey.coHandler])
        let ear = try await EventListener(
            place.kafka, topics: [Topics.tickets, Topics.cases, Topics.evaluations] + called, on: .shared)
        self.ear = ear
        listening = Task(executorPreference: EventLoop.shared) { await ear.run { _ in true } }
    }

    func close() async {
        await ear.close()
        await listening.value
        await voice.close()
    }
}
