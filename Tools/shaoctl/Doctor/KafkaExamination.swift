import Kafka

/// What is in the way between these settings and Kafka.
enum KafkaExamination {
    static func findings(_ servers: String, _ environment: [String: String], within limit: Duration) async -> [ExamineSetting.Finding] {
        var kafka = KafkaConfiguration(bootstrapServers: servers)
        do {
            for (property, value) in try KafkaConfiguration.properties(in: environment) { kafka[property] = value }
        } catch {
            return error.problems.map { .wrong($0, "mend the file, or name another") }
        }
        kafka["client.id"] = "shaoctl"
        do throws(KafkaError) {
            let diagnosis = try await KafkaProbe.run(kafka, within: limit)
            if let trouble = diagnosis.trouble { return [explain(trouble, servers, kafka)] }
            return [.well("Kafka answers at \(servers)\(signedIn(kafka))")] + (await names(diagnosis.advertised))
        } catch {
            return [.wrong("Kafka: \(error.message)", "mend the setting SHAO_KAFKA_… that it names")]
        }
    }

    private static func signedIn(_ kafka: KafkaConfiguration) -> String {
        let user = kafka["sasl.username"].map { " and knows the user \($0)" } ?? ""
        return user + (kafka["security.protocol"]?.lowercased().hasSuffix("ssl") == true ? ", encrypted" : "")
    }

    /// A broker hands out its own addresses; the classic mistake is one that clients elsewhere cannot resolve.
    private static func names(_ advertised: [KafkaDiagnosis.Address]) async -> [ExamineSetting.Finding] {
        var findings: [ExamineSetting.Finding] = []
        for address in advertised {
            let place = "\(address.host):\(address.port)"
            if await NameLookup.resolves(address.host) {
                findings.append(.well("it advertises \(place)"))
            } else {
                findings.append(
                    .wrong(
                        "Kafka advertises \(place), a name that does not resolve here: clients are sent there and hang",
                        "set the broker's advertised.listeners to a name that this network knows, or give the network that name"))
            }
        }
        return findings
    }

    private static func explain(
        _ trouble: KafkaDiagnosis.Trouble, _ servers: String, _ kafka: KafkaConfiguration
    ) -> ExamineSetting.Finding {
        let authority = kafka["ssl.ca.location"] ?? "the system's authorities"
        let user = kafka["sasl.username"] ?? "(none)"
        return switch trouble {
        case .certificateExpired:
            .wrong(
                "the certificate of Kafka at \(servers) has expired",
                "renew it on the brokers; openssl s_client -connect \(servers) shows its dates")
        case .certificateNotYetValid:
            .wrong("the certificate of Kafka at \(servers) is not valid yet", "look at the clocks of this machine and of the broker")
        case .certificateOfAnotherAuthority:
            .wrong(
                "the certificate of Kafka at \(servers) is signed by none of \(authority)",
                "name the file of its authority in SHAO_KAFKA_SSL_CA_LOCATION")
        case .certificateOfAnotherName:
            .wrong(
                "the certificate of Kafka is not for the host in \(servers)",
                "connect by a name or address that stands in its subjectAltName, or have it issued for this one")
        case .encryption(let words):
            .wrong(
                "no TLS with Kafka at \(servers): \(words)",
                "is that listener one for TLS? SHAO_KAFKA_SECURITY_PROTOCOL is \(kafka["security.protocol"] ?? "not set (plaintext)")")
        case .signIn(let words):
            .wrong(
                "Kafka at \(servers) does not let the user \(user) in: \(words)",
                "compare the password in SHAO_KAFKA_SASL_PASSWORD_FILE with the broker's; SHAO_KAFKA_SASL_MECHANISM is \(kafka["sasl.mechanism"] ?? "not set")"
            )
        case .signInByOldLibrary(let version):
            .wrong(
                "Kafka at \(servers) does not let the user \(user) in by SCRAM: librdkafka \(version) cannot sign in to Kafka 4 with it",
                "use librdkafka 2.6.1 or later (Debian 13 has 2.8), or PLAIN over TLS, or client certificates; with a Kafka before 4 the password is wrong"
            )
        case .unreachable(let words):
            .wrong(
                "Kafka at \(servers) does not answer: \(words)",
                "is it running, is the port right, and is that listener's kind SHAO_KAFKA_SECURITY_PROTOCOL (\(kafka["security.protocol"] ?? "plaintext"))?"
            )
        }
    }
}
