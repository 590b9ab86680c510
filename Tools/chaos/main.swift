import EventLoop
import FoundationEssentials
import Glibc

// The street under faults: real processes, real kills, and the promises asked by query after each. See ./dev chaos.

let usage = """
    usage: chaos --state DIR --products DIR --demo DIR --postgres-socket DIR --postgres-port N [options]
           chaos --list

      --only NAME          a fault, or a family of them (kill, crash, broker, postgres, network, records, …); may be repeated
      --minutes N          again and again, in an order by chance, for so long
      --seed N             of every choice (default: from the clock)
      --rate N             reports a second (15)
      --heal N             kill -9 each service N times and say how long it was missed
      --short              the small selection that the tests run
      --unsafe-kafka       acks=0, no idempotence, no checksums, no retries
      --kafka-script FILE  a real Kafka instead of the embedded broker

    """

enum Catalogue {
    static let all: [Fault] =
        KillFaults.all + BrokerFaults.all + DatabaseFaults.all + RestoreFaults.all + NetworkFaults.all + RecordFaults.all
        + PoisonFaults.all + ResourceFaults.all + CrashFaults.all

    /// What fits into a minute and shows each kind of care once.
    static let short = [
        "kill.routing", "crash.intake.after-commit-before-answer.intake", "crash.consumer.after-cursor.routing", "network.postgres.cut",
        "records.duplicated",
    ]

    static func chosen(_ options: Options) throws -> [Fault] {
        let only = options.has("short") ? short : options.all("only")
        let chosen = only.isEmpty ? all : all.filter { fault in only.contains { fault.name == $0 || fault.name.hasPrefix($0 + ".") } }
        guard !chosen.isEmpty else { throw Failure("there is no fault \(only.joined(separator: ", ")); --list names them") }
        return chosen
    }
}

func play(_ options: Options, _ scene: Scene, _ report: Report) async throws {
    let kills = try options.number("heal", default: 0)
    for service in kills > 0 ? Street.services : [] {
        report.add(try await Healing(scene: scene).measure(service, kills: kills))
    }
    if kills > 0, options.all("only").isEmpty { return }
    let chosen = try Catalogue.chosen(options)
    let minutes = try options.number("minutes", default: 0.0)
    let end = ContinuousClock.now + .milliseconds(Int64(minutes * 60_000))
    let runner = Runner(scene: scene, report: report)
    var chance = scene.chance("order")
    repeat {
        for fault in minutes > 0 ? chosen.shuffled(using: &chance) : chosen {
            report.add(try await runner.run(fault))
            if minutes > 0, ContinuousClock.now > end { return }
        }
    } while minutes > 0
}

func perform(_ options: Options) async throws -> Bool {
    let environment = try Environment(options)
    let seed = try options.number("seed", default: UInt64(Date().timeIntervalSince1970))
    let scene = try Scene(environment, rate: try options.number("rate", default: 15), seed: seed)
    let report = Report()
    report.say(
        "  seed \(seed), \(environment.kafka == nil ? "embedded broker" : "real Kafka")\(environment.isUnsafe ? ", every Kafka safety setting off" : "")"
    )
    let watching = Task(executorPreference: EventLoop.shared) { await scene.counters.watch() }
    var failure: (any Error)?
    do {
        try await scene.street.prepare()
        try await scene.fresh()
        let playing = Task(executorPreference: EventLoop.shared) { try await play(options, scene, report) }
        let stopping = Task(executorPreference: EventLoop.shared) {
            await EventLoop.shared.firstStopSignal()
            if !Task.isCancelled { playing.cancel() }
        }
        defer { stopping.cancel() }
        try await playing.value
    } catch {
        failure = error
    }
    watching.cancel()
    let isKept = report.end(scene, to: options.text("report") ?? "\(environment.state)/chaos.json")
    await scene.load.end()
    await scene.street.stopServices()
    if options.text("database-prefix") != nil { try? await scene.street.databases.dropAll() }
    await scene.street.stop()
    if let failure { throw failure }
    return isKept
}

signal(SIGPIPE, SIG_IGN)
do {
    let options = try Options(CommandLine.arguments.dropFirst())
    if options.has("list") {
        for fault in Catalogue.all { print("\(fault.name): \(fault.title)") }
        exit(0)
    }
    guard !options.has("help") else {
        print(usage)
        exit(64)
    }
    let isKept = try await Task(executorPreference: EventLoop.shared) { try await perform(options) }.value
    exit(isKept ? 0 : 1)
} catch {
    let text = Array("chaos: \(error)\n".utf8)
    _ = write(2, text, text.count)
    exit(1)
}
