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
        let variables = ProcessInfo.processInfo.environment
        let environment = try Environment(arguments, environment: variables)
        let demo = try DemoFiles(environment)
        guard let lamp = try demo.plate(arguments["plate"]) else { throw Stop.usage("there is no such plate in the demo street") }
        let context = try await JourneyContext(environment, demo, arguments, Terminal(environment: variables))
        let trace = TraceContext.root()
        try await TraceContext.$current.withValue(trace) {
            do {
                try await Journey(context: context, lamp: lamp, trace: trace).play()
                await context.close()
            } catch {
                await context.close()
                throw error
            }
        }
    }
}

/// Who and what the journey needs, connected.
struct JourneyContext: Sendable {
    let gateway: Gateway
    let staff: StaffClient
    let resident: Resident
    let departments: DepartmentSimulator
    let listener: EventListener
    let demo: DemoFiles
    let environment: Environment
    let terminal: Terminal
    let patience: Duration
    let playsDepartments: Bool
    let speaksJSON: Bool
    private let listening: Task<Void, Never>

    init(_ environment: Environment, _ demo: DemoFiles, _ arguments: Arguments, _ terminal: Terminal) async throws {
        self.environment = environment
        self.demo = demo
        self.terminal = terminal
        patience = .milliseconds(Int64(try arguments.number("patience", in: 1...600) * 1000))
        playsDepartments = !arguments.has("no-departments")
        speaksJSON = arguments.has("json")
        gateway = try Gateway(base: environment.gateway)
        staff = StaffClient(gateway: gateway)
        resident = Resident(gateway: gateway)
        departments = try DepartmentSimulator(environment.kafka, on: .shared)
        let called = demo.dispatchTopics(of: [Journey.lead, Journey.coHandler])
        let listener = try await EventListener(
            environment.kafka, topics: [Topics.tickets, Topics.cases, Topics.evaluations] + called, on: .shared)
        self.listener = listener
        listening = Task(executorPreference: EventLoop.shared) { await listener.run { _ in true } }
    }

    func close() async {
        await listener.close()
        await listening.value
        await departments.close()
    }
}
