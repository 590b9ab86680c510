import Foundation
import Kafka
import Postgres
import TestKit
import Testing

/// `shaoctl doctor` in a service's environment: what it says when something is in the way, and that it says so only then.
@Suite struct DoctorTests {
    private func doctor(_ environment: [String: String], _ words: String...) async throws -> (said: String, succeeded: Bool) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shao-doctor-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let tool = try ServiceProcess("shaoctl", environment: environment, logDirectory: folder)
        var succeeded = true
        do { try await tool.run(["doctor"] + words) } catch { succeeded = false }
        return (try String(contentsOf: folder.appending(path: "shaoctl.log"), encoding: .utf8), succeeded)
    }

    // MARK: Kafka

    private struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let expected: [String]
        var door: SecuredBroker.Door = .client
        var host = "127.0.0.1"
        var settings: [String: String] = [:]
        var strangers = false
    }

    private static let cases: [Case] = [
        Case(
            testDescription: "a wrong password",
            expected: ["✗ Kafka at 127.0.0.1:", "does not let the user intake in", "SHAO_KAFKA_SASL_PASSWORD_FILE"],
            settings: ["SHAO_KAFKA_SASL_PASSWORD_FILE": "WRONG"]),
        Case(testDescription: "an expired certificate", expected: ["has expired", "renew it"], door: .expired),
        Case(
            testDescription: "another authority", expected: ["signed by none of", "SHAO_KAFKA_SSL_CA_LOCATION"], strangers: true),
        Case(testDescription: "another name", expected: ["is not for the host in localhost", "subjectAltName"], host: "localhost"),
        Case(
            testDescription: "an advertised name that leads nowhere",
            expected: ["advertises \(SecuredBroker.lostName):", "does not resolve", "advertised.listeners"], door: .lost,
            settings: ["SHAO_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"]),
        Case(
            testDescription: "a plain client at a door for TLS", expected: ["does not answer", "SHAO_KAFKA_SECURITY_PROTOCOL (PLAINTEXT)"],
            settings: ["SHAO_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"]),
        Case(
            testDescription: "a file that is not there", expected: ["SHAO_KAFKA_SASL_PASSWORD_FILE: /nowhere/kafka does not exist"],
            settings: ["SHAO_KAFKA_SASL_PASSWORD_FILE": "/nowhere/kafka"]),
        Case(
            testDescription: "a property that librdkafka does not know", expected: ["no.such.thing", "mend the setting"],
            settings: ["SHAO_KAFKA_NO_SUCH_THING": "1"]),
    ]

    @Test(.enabled(if: SecuredStreet.isAvailable, Comment(rawValue: SecuredStreet.reason)), arguments: cases)
    private func `what keeps a client from Kafka is named, with what to do`(_ sick: Case) async throws {
        let street = try await SecuredStreet.shared()
        var environment = street.environment("intake", door: sick.door).merging(sick.settings) { $1 }
        environment["KAFKA_BOOTSTRAP_SERVERS"] = street.broker.servers(sick.door, host: sick.host)
        if sick.strangers { environment["SHAO_KAFKA_SSL_CA_LOCATION"] = street.broker.certificates.strangers }
        if environment["SHAO_KAFKA_SASL_PASSWORD_FILE"] == "WRONG" {
            environment["SHAO_KAFKA_SASL_PASSWORD_FILE"] = street.passwordFile("stranger").path()
        }
        let (said, succeeded) = try await doctor(environment, "--seconds", "3")
        #expect(!succeeded)
        for words in sick.expected { #expect(said.contains(words), "\(said)") }
        #expect(!said.contains("s3cret"))
    }

    @Test(.enabled(if: SecuredStreet.isAvailable, Comment(rawValue: SecuredStreet.reason)))
    func `SCRAM with a library that cannot do it is named, the same with a later library is let in or refused by the broker`() async throws
    {
        let street = try await SecuredStreet.shared()
        var environment = street.environment("intake")
        environment["SHAO_KAFKA_SASL_MECHANISM"] = "SCRAM-SHA-512"
        let (said, succeeded) = try await doctor(environment)
        // PLAIN's users have no SCRAM password on this broker, so every library is refused.
        #expect(!succeeded)
        #expect(said.contains("use librdkafka 2.6.1 or later") == KafkaProbe.libraryRefusesScram, "\(said)")
        #expect(said.contains("does not let the user intake in"))
    }

    @Test(.enabled(if: SecuredStreet.isAvailable, Comment(rawValue: SecuredStreet.reason)))
    func `a client that is let in is told so`() async throws {
        let street = try await SecuredStreet.shared()
        let (said, succeeded) = try await doctor(street.environment("intake"))
        #expect(succeeded, "\(said)")
        #expect(said.contains("knows the user intake, encrypted") && said.contains("it advertises 127.0.0.1:"))
    }

    // MARK: Postgres

    private static let hasPostgres = ScratchServer.isAvailable && Certificates.isAvailable && ServiceProcess.isBuilt("shaoctl")

    @Test(.enabled(if: hasPostgres, "no Postgres, openssl or shaoctl"))
    func `what keeps a client from Postgres is named, with what to do`() async throws {
        let folder = URL(filePath: "/tmp/shao-tls-\(UUID().uuidString.prefix(8).lowercased())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let made = try Certificates(in: folder)
        try await ScratchServer.with { server in
            let local = PostgresConfiguration(conninfo: server.conninfo + " dbname=postgres", poolSize: 1, applicationName: "tests")
            try await TemporaryDatabase.withPool(local) { try await $0.execute("CREATE ROLE tls LOGIN PASSWORD 'right-s3cret'") }
            let port = try FreePort.next()
            try server.restart(port: port, certificate: made.certificate, key: made.key)
            try Data("right-s3cret\n".utf8).write(to: folder.appending(path: "right"))
            try Data("wrong-s3cret".utf8).write(to: folder.appending(path: "wrong"))
            #expect(mkfifo(folder.appending(path: "pipe").path(), 0o600) == 0)
            func environment(_ password: String = "right", host: String = "127.0.0.1", authority: String? = nil) -> [String: String] {
                [
                    "SHAO_POSTGRES":
                        "host=\(host) port=\(port) user=tls dbname=postgres sslmode=verify-full sslrootcert=\(authority ?? made.authority)",
                    "SHAO_POSTGRES_PASSWORD_FILE": folder.appending(path: password).path(),
                ]
            }
            let well = try await doctor(environment())
            #expect(well.succeeded && well.said.contains("Postgres answers and knows the role"), "\(well.said)")
            for (place, words) in [
                (environment("wrong"), ["✗ Postgres: the role's password is wrong: connection to server", "deploy/postgres/setup"]),
                (environment("absent"), ["absent does not exist"]),
                (environment("pipe"), ["pipe is a pipe, not a file"]),
                (environment(host: "localhost"), ["does not match host name", "connect by a name"]),
                (environment(authority: made.strangers), ["certificate verify failed", "another authority"]),
                (environment(authority: "/nowhere.crt"), ["root certificate file", "sslrootcert must name"]),
            ] {
                let (said, succeeded) = try await doctor(place, "--seconds", "2")
                #expect(!succeeded)
                for text in words { #expect(said.contains(text), "\(said)") }
                #expect(!said.contains("s3cret"))
            }
            try server.restart(port: port, certificate: made.expired, key: made.expiredKey)
            let (said, succeeded) = try await doctor(environment(), "--seconds", "2")
            #expect(!succeeded && said.contains("has expired"), "\(said)")
        }
    }

    @Test(.enabled(if: ServiceProcess.isBuilt("shaoctl"), "shaoctl is not built"))
    func `without settings it says what it needs`() async throws {
        let (said, succeeded) = try await doctor([:])
        #expect(!succeeded && said.contains("KAFKA_BOOTSTRAP_SERVERS") && said.contains("SHAO_POSTGRES"))
    }
}
