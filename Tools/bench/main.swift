import CPosix
import EventLoop
import FoundationEssentials
import Glibc
import JSON

// What `./dev bench` measures with. Every command prints one JSON object.

let usage = """
    usage: bench load --port N [--connections 64] [--seconds 3] [--rate R] [--text-bytes 900] [--place PLATE:CATEGORY …]
                      [--servers HOST:PORT --arrivals TOPIC …] [--insist-on N [--until-file FILE] --journal FILE]
           bench slow --port N [--connections 10000] [--addresses 100] [--seconds 120] [--path /] --full-file FILE
           bench launch --port N [--times 5] -- COMMAND …
           bench history --conninfo TEXT --key-file FILE [--events 1000000] [--seed 1]

      load     sends reports over keep-alive connections; with --rate at random moments of that rate, else as fast as
               answers come. With --arrivals also tells how long after its 201 each ticket was heard of on those topics.
               With --insist-on it sends N reports, and more until a file appears, each with its key until it is accepted; the
               journal gets "key ticket" lines.
      slow     holds connections that do next to nothing; FILE appears when all are open
      launch   starts a service several times: exec to the first 200 of /readyz on its admin port, and its idle weight
      history  fills a migrated database's outbox with a plausible history, all topics in one, and has it sequenced

    """

func say(_ bytes: [UInt8], to descriptor: CInt = 1) { _ = write(descriptor, bytes, bytes.count) }

func load(_ options: Options) async throws {
    let port = try options.port("port")
    let servers = options.text("servers")
    let topics = options.all("arrivals")
    let plan = Load.Plan(
        port: port, connections: try options.number("connections") ?? 64, seconds: try options.number("seconds") ?? 3,
        rate: try options.number("rate"), keepsTickets: servers != nil,
        insistsOn: try options.number("insist-on"), untilFile: options.text("until-file"))
    let load = try Load(
        plan, Reports(host: "127.0.0.1:\(port)", places: options.places, textBytes: try options.number("text-bytes") ?? 900))
    guard let servers else {
        let outcome = try load.run()
        if let file = options.text("journal") {
            let lines = load.journal.map { "\(String(decoding: $0.key, as: UTF8.self)) \($0.ticket.text)\n" }
            try Data(lines.joined().utf8).write(to: URL(filePath: file))
        }
        return say(outcome.json + [0x0A])
    }
    let arrivals = try Arrivals(servers: servers, topics: topics)
    let reading = Task(executorPreference: EventLoop.shared) { try await arrivals.run() }
    try await arrivals.ready()
    let outcome = try load.run()
    let deadline = ContinuousClock.now + .seconds(20)
    while arrivals.count < outcome.accepted, ContinuousClock.now < deadline {
        try await EventLoop.shared.sleep(for: .milliseconds(50))
    }
    let (latencies, missing) = arrivals.latencies(since: load.accepted)
    await arrivals.close()
    try await reading.value
    var json = JSONWriter()
    json.object {
        $0.member("load", outcome)
        $0.member("arrival", latencies)
        $0.member("missing", missing)
    }
    say(json.bytes + [0x0A])
}

do {
    let options = try Options(CommandLine.arguments.dropFirst(2))
    switch CommandLine.arguments.dropFirst().first {
    case "load": try await load(options)
    case "slow":
        var plan = SlowClients.Plan(port: try options.port("port"))
        plan.connections = try options.number("connections") ?? plan.connections
        plan.addresses = try options.number("addresses") ?? plan.addresses
        plan.seconds = try options.number("seconds") ?? plan.seconds
        plan.path = options.text("path") ?? plan.path
        let report = try SlowClients(plan).run {
            if let file = options.text("full-file") { try? Data().write(to: URL(filePath: file)) }
        }
        say(report.json + [0x0A])
    case "launch":
        let launch = Launch(port: try options.port("port"), command: options.command, times: try options.number("times") ?? 5)
        say(try launch.run().json + [0x0A])
    case "history":
        guard let conninfo = options.text("conninfo"), let file = options.text("key-file") else {
            throw BenchFailure("--conninfo and --key-file are needed")
        }
        let key = try Data(contentsOf: URL(filePath: file))
        let history = History(
            conninfo: conninfo, events: try options.number("events") ?? 1_000_000,
            // As services read their secrets: the line end does not belong to it.
            key: Array(key.last == 10 ? key.dropLast() : key),
            seed: try options.number("seed") ?? 1)
        say(try await history.run().json + [0x0A])
    default:
        say(Array(usage.utf8))
        exit(64)
    }
} catch {
    say(Array("bench: \(error)\n".utf8), to: 2)
    exit(1)
}
