import FoundationEssentials
import Kafka
import TestKit
import Testing

@testable import ServiceKit

@Suite struct ConfigurationTests {
    private let keys: [ConfigurationKey] = [
        .setting("SHAO_HTTP_PORT", "port", default: "8101"), .secret("SHAO_POSTGRES", "conninfo"), .optional("SHAO_SMTP_URL", "mail"),
        .required("SHAO_ADMIN_PORT", "admin"),
    ]
    private let sound = ["SHAO_POSTGRES": "host=x", "SHAO_ADMIN_PORT": "9101", "HOME": "/", "PATH": "/bin"]

    @Test func `an unknown setting is an error that names the nearest one`() {
        var environment = sound
        environment["SHAO_HTPP_PORT"] = "1"
        let error = #expect(throws: ConfigurationError.self) { try Configuration(environment: environment, keys: keys) }
        #expect(error?.problems == ["SHAO_HTPP_PORT: no such setting; did you mean SHAO_HTTP_PORT?"])
    }

    @Test func `all that is missing is told at once`() {
        let error = #expect(throws: ConfigurationError.self) { try Configuration(environment: ["SHAO_X": "1"], keys: keys) }
        #expect(error?.problems.count == 3)
        #expect(error?.description.contains("SHAO_POSTGRES or SHAO_POSTGRES_FILE is not set") == true)
    }

    @Test func `a secret comes from its file, and is never printed`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "shao-secret-\(UUID().uuidString)")
        try Data("host=y password=z\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var environment = sound
        environment["SHAO_POSTGRES"] = nil
        environment["SHAO_POSTGRES_FILE"] = file.path()
        let configuration = try Configuration(environment: environment, keys: keys)
        #expect(configuration.text("SHAO_POSTGRES") == "host=y password=z")
        #expect(configuration.redacted.first { $0.name == "SHAO_POSTGRES" }?.value == "****")
    }

    /// What a file can be that gives no secret, and what is said of it: the variable, the file, what is wrong.
    @Test(arguments: SecretFiles.bad) func `a file that gives no secret is named with what is wrong`(_ bad: SecretFiles.Bad) throws {
        try SecretFiles.with(bad) { path in
            for variable in ["SHAO_POSTGRES_FILE", "SHAO_KAFKA_SASL_PASSWORD_FILE"] {
                var environment = sound
                if variable == "SHAO_POSTGRES_FILE" { environment["SHAO_POSTGRES"] = nil }
                environment[variable] = path
                let error = #expect(throws: ConfigurationError.self) { try Configuration(environment: environment, keys: keys) }
                #expect(error?.problems == ["\(variable): \(path) \(bad.reason)"])
            }
        }
    }

    @Test func `a Kafka property's value may stand in a file, the same for services and tools`() throws {
        try SecretFiles.with(.init("", Array("p4ss word\r\n".utf8))) { path in
            var environment = sound
            environment["SHAO_KAFKA_SASL_PASSWORD_FILE"] = path
            environment["SHAO_KAFKA_SASL_USERNAME"] = "intake"
            let wanted = ["sasl.password": "p4ss word", "sasl.username": "intake"]
            #expect(try Configuration(environment: environment, keys: keys).kafkaProperties == wanted)
            let client = try KafkaConfiguration(environment: environment)
            #expect(client["sasl.password"] == "p4ss word" && client["bootstrap.servers"] == "127.0.0.1:29092")
            #expect(!client.description.contains("p4ss"))
        }
    }

    @Test func `what is given twice is refused, not chosen`() throws {
        try SecretFiles.with(.init("", Array("a".utf8))) { path in
            var environment = sound
            environment["SHAO_KAFKA_SASL_PASSWORD"] = "b"
            environment["SHAO_KAFKA_SASL_PASSWORD_FILE"] = path
            environment["SHAO_POSTGRES_FILE"] = path
            let error = #expect(throws: ConfigurationError.self) { try Configuration(environment: environment, keys: keys) }
            #expect(
                error?.problems == [
                    "SHAO_POSTGRES_FILE: SHAO_POSTGRES is given too; give one of them",
                    "SHAO_KAFKA_SASL_PASSWORD_FILE: SHAO_KAFKA_SASL_PASSWORD is given too; give one of them",
                ])
        }
    }

    @Test func `librdkafka's settings pass through by their own names`() throws {
        var environment = sound
        environment["SHAO_KAFKA_SECURITY_PROTOCOL"] = "SASL_SSL"
        let configuration = try Configuration(environment: environment, keys: keys)
        #expect(configuration.kafkaProperties == ["security.protocol": "SASL_SSL"])
    }

    @Test func `a number out of its bounds is refused by name`() throws {
        var environment = sound
        environment["SHAO_HTTP_PORT"] = "99999"
        let configuration = try Configuration(environment: environment, keys: keys)
        let error = #expect(throws: ConfigurationError.self) { try configuration.number("SHAO_HTTP_PORT", in: 1...65535) }
        #expect(error?.description.contains("SHAO_HTTP_PORT") == true)
        #expect(try configuration.number("SHAO_ADMIN_PORT", in: 1...65535) == 9101)
    }
}
