import Kafka
import TestKit
import Testing

@Suite struct ConfigurationTests {
    @Test func `an unknown property is an error that names it`() async {
        let error = #expect(throws: KafkaError.self) {
            try KafkaProducer(["bootstrap.servers": "127.0.0.1:1", "linger.millis": "5"])
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("linger.millis") == true)
    }

    @Test func `a bad value is an error that names its property`() {
        let error = #expect(throws: KafkaError.self) { try KafkaConsumer(["fetch.wait.max.ms": "soon"], group: "g") }
        #expect(error?.message.contains("fetch.wait.max.ms") == true)
    }

    @Test func `a setting that would silence delivery reports is refused`() {
        let error = #expect(throws: KafkaError.self) { try KafkaProducer(["delivery.report.only.error": "true"]) }
        #expect(error?.message.contains("delivery.report.only.error") == true)
    }

    @Test(arguments: ["acks": "0", "enable.idempotence": "maybe"].map { [$0.key: $0.value] })
    func `defaults can be overridden, and contradictions are found`(properties: [String: String]) {
        // acks=0 contradicts idempotence; both are told before anything is sent.
        #expect(throws: KafkaError.self) { try KafkaProducer(KafkaConfiguration(properties)) }
    }

    @Test func `an alias takes the default's place`() async throws {
        let producer = try KafkaProducer(["bootstrap.servers": "127.0.0.1:1", "compression.type": "none", "delivery.timeout.ms": "900"])
        let results = try await producer.send([KafkaRecord(topic: "t", value: [])])
        if case .failure(let error) = results[0] { #expect(error.code == .messageTimedOut) }
        #expect((try? results[0].get()) == nil)
        await producer.close(drainingFor: .zero)
    }

    @Test func `secrets are never printed`() {
        let configuration: KafkaConfiguration = [
            "sasl.username": "routing", "sasl.password": "hunter2", "ssl.key.password": "hunter2", "ssl.key.pem": "hunter2",
            "sasl.oauthbearer.client.secret": "hunter2",
        ]
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("sasl.password=****"))
            #expect(text.contains("sasl.username=routing"))
        }
    }

    @Test func `every default is a property this library knows`() async throws {
        let producer = try KafkaProducer([:])
        await producer.close()
        let consumer = try KafkaConsumer([:], group: "g")
        await consumer.close()
    }
}
