import Contracts
import DepartmentClient
import EventLoop
import FoundationEssentials
import Glibc
import Kafka
import Telemetry

let usage = """
    usage: department --department CODE[,CODE…] | --shared CODE[,CODE…] [--bootstrap SERVERS] [--delay-ms N] [--dispute-every N] [--group NAME]

    Hears calls on dispatch.<code>.v1, signs, and after the delay (default 0) reports the work done on feedback.<code>.v1.
    --shared is for departments that share their topics: dispatch.shared.v1 and feedback.shared.v1. Both may be given.
    SERVERS default to KAFKA_BOOTSTRAP_SERVERS, else 127.0.0.1:29092. Ends with SIGTERM or SIGINT.
    """

func refuse(_ reason: String) -> Never {
    print("department: \(reason)\n\n\(usage)")
    exit(64)
}

var servers = ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"] ?? "127.0.0.1:29092"
var options = DepartmentOptions(departments: [])
var rest = CommandLine.arguments.dropFirst()
while let name = rest.popFirst() {
    guard let value = rest.popFirst() else { refuse("\(name) needs a value") }
    switch name {
    case "--department", "--shared":
        options.departments += value.split(separator: ",").map { text in
            guard let code = DepartmentCode(String(text)) else { refuse("\(text) is no department's code") }
            return DepartmentTopics(code, isShared: name == "--shared")
        }
    case "--bootstrap": servers = value
    case "--group": options.group = value
    case "--delay-ms":
        guard let number = Int64(value), (0...86_400_000).contains(number) else { refuse("\(value) is not 0 to 86400000") }
        options.delay = .milliseconds(number)
    case "--dispute-every":
        guard let number = Int(value), (0...1_000_000).contains(number) else { refuse("\(value) is not 0 to 1000000") }
        options.disputeEvery = number
    default: refuse("there is no option \(name)")
    }
}
if options.departments.isEmpty { refuse("which department?") }

let log = Log("department")
let client = DepartmentClient(KafkaConfiguration(bootstrapServers: servers), options: options, log: log)
let work = Task(executorPreference: EventLoop.shared) { try await client.run() }
let stop = Task(executorPreference: EventLoop.shared) {
    await EventLoop.shared.firstStopSignal()
    work.cancel()
}
do {
    try await work.value
    stop.cancel()
    let tally = client.tally
    log.info(
        "ended",
        ["called": .int(tally.called), "signed": .int(tally.signed), "completed": .int(tally.completed), "disputed": .int(tally.disputed)])
} catch {
    log.error("the client ends", ["error": "\(error)"])
    exit(1)
}
