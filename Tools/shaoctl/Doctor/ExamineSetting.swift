import Contracts
import EventLoop
import FoundationEssentials
import Glibc
import Kafka
import Postgres
import Telemetry

/// `shaoctl doctor`: signs in to Kafka and Postgres as a service would, and says what is in the way.
enum ExamineSetting {
    static let command = Command(
        words: ["doctor"], summary: "sign in to Kafka and Postgres as a service would; say what is in the way and what to do",
        options: [
            .value("kafka", "SERVERS", "Kafka's addresses (default: KAFKA_BOOTSTRAP_SERVERS; none: Kafka is left out)"),
            .value("seconds", "N", "how long each may take to answer", default: "5"),
        ],
        story: """
            Reads what a service reads, from the environment: KAFKA_BOOTSTRAP_SERVERS, SHAO_KAFKA_<PROPERTY> and …_FILE,
            SHAO_POSTGRES and SHAO_POSTGRES_PASSWORD (or …_FILE). Changes nothing. Tells a wrong password, a certificate that has
            expired, is another authority's or another host's, an advertised name that does not resolve, SCRAM with a
            librdkafka that cannot do it, a secret's file that gives none. Exit 1 when something is in the way.
            """,
        run: run)

    /// One thing that was looked at: well, or what is wrong and what to do.
    struct Finding: Sendable {
        let text: String
        /// Nil when all is well.
        let remedy: String?

        static func well(_ text: String) -> Finding { Finding(text: text, remedy: nil) }
        static func wrong(_ text: String, _ remedy: String) -> Finding { Finding(text: text, remedy: remedy) }
    }

    @Sendable private static func run(_ arguments: Arguments) async throws {
        let environment = ProcessInfo.processInfo.environment
        let terminal = Terminal(environment: environment)
        guard let seconds = arguments["seconds"].flatMap(Int.init), (1...600).contains(seconds) else {
            throw Stop.usage("--seconds: a whole number from 1 to 600")
        }
        let limit = Duration.seconds(seconds)
        let servers = arguments["kafka"] ?? environment["KAFKA_BOOTSTRAP_SERVERS"]
        var findings: [Finding] = []
        if let servers { findings += await KafkaExamination.findings(servers, environment, within: limit) }
        findings += await PostgresExamination.findings(environment, within: limit)
        guard !findings.isEmpty else {
            throw Stop.usage("neither KAFKA_BOOTSTRAP_SERVERS (--kafka) nor SHAO_POSTGRES is given: run it in a service's environment")
        }
        for finding in findings {
            let mark = finding.remedy == nil ? terminal.styled("✓", .green) : terminal.styled("✗", .red)
            terminal.say("\(mark) \(finding.text)")
            if let remedy = finding.remedy { terminal.say("  → \(remedy)") }
        }
        let wrong = findings.filter { $0.remedy != nil }.count
        if wrong > 0 { throw Stop.failed("\(wrong) to mend") }
    }
}

/// Whether a host's name leads to an address. Blocks a thread of its own.
enum NameLookup {
    static func resolves(_ host: String) async -> Bool {
        await OwnThread.run("name-lookup") {
            var list: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(host, nil, nil, &list) == 0 else { return false }
            freeaddrinfo(list)
            return true
        }
    }
}
