import Contracts
import Kafka
import Testing

@testable import EventLog

/// What is refused is kept byte for byte, as far as it can be sent.
@Suite struct DeadLetterTests {
    private func letter(_ message: KafkaMessage, _ reason: String = "why") -> (record: KafkaRecord, event: CommittedEvent) {
        let event = Sample.outbox().prepare(DeadLetter(message: message, group: "g", refusal: ForeignRefusal("code", reason)))
        let stored = HeaderBytes.read(HeaderBytes.write(event.headers))
        #expect(stored == event.headers)
        return (StreamHeaders.record(Sample.stream([event])[0], source: "/s"), event)
    }

    private func message(key: [UInt8]? = Array("k".utf8), value: [UInt8]?, _ headers: [KafkaHeader] = []) -> KafkaMessage {
        KafkaMessage(topic: "feedback.gas.v1", partition: 1, offset: 7, key: key, value: value, headers: headers, timestampMs: 1)
    }

    private func text(_ record: KafkaRecord, _ name: String) -> String? {
        record.headers.last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
    }

    /// As the outbox's constraint counts.
    private func size(_ event: CommittedEvent) -> Int {
        event.payload.count + HeaderBytes.write(event.headers).count + event.subject.utf8.count
    }

    @Test func `names' case, repetitions, absent and binary values of headers stay as they came`() {
        let headers = [
            KafkaHeader("Content-Type", "application/json"), KafkaHeader("content-type", "application/json"),
            KafkaHeader("ce_subject", nil),
            KafkaHeader("ce_x", []), KafkaHeader("ce_x", [0, 255]), KafkaHeader("shao-kept-key", "theirs"), KafkaHeader("中文", "值"),
        ]
        let (record, _) = letter(message(value: [0xFF, 0], headers))
        #expect(Array(record.headers.prefix(headers.count)) == headers)
        #expect(record.value == [0xFF, 0])
        #expect(record.key == Array("k".utf8))
        #expect(text(record, "dlt-reason") == "code: why")
        #expect(text(record, "dlt-cut") == nil)
    }

    @Test(arguments: [nil, [], [0], [0xFF, 0, 0x41], Array("工单".utf8)] as [[UInt8]?])
    func `keys that are absent, empty or no text stay as they came, and so does an absent value`(key: [UInt8]?) {
        let (record, event) = letter(message(key: key, value: nil))
        #expect(record.key == key)
        #expect(record.value == nil)
        #expect(!event.subject.utf8.contains(0))
        #expect(letter(message(key: key, value: [])).record.value == [])
    }

    @Test(arguments: [880_000, 1_000_100, 1_048_588, 10_000_000])
    func `what is too large to be sent is cut, and says how much is missing`(bytes: Int) {
        let (record, event) = letter(message(value: [UInt8](repeating: 0x78, count: bytes)))
        #expect(size(event) <= 900_000)
        let kept = record.value?.count ?? 0
        #expect(kept > 800_000 && kept < bytes)
        #expect(text(record, "dlt-cut") == "value: the first \(kept) of \(bytes) bytes")
        #expect(text(record, "dlt-reason") == "code: why")
    }

    @Test func `keys, headers and reasons are bounded too`() {
        let headers = (0..<5_000).map { KafkaHeader("h\($0)", [UInt8](repeating: 1, count: $0 == 3 ? 200_000 : 100)) }
        let (record, event) = letter(
            message(key: [UInt8](repeating: 0xFF, count: 500_000), value: [UInt8](repeating: 0x78, count: 900_000), headers),
            String(repeating: "为什么", count: 100_000))
        #expect(size(event) <= 900_000)
        #expect(record.key?.count == 4_096)
        #expect(record.headers.contains { $0.name == "h4" } && !record.headers.contains { $0.name == "h3" })
        let cut = text(record, "dlt-cut") ?? ""
        #expect(
            cut.contains("key: the first 4096 of 500000 bytes") && cut.contains("headers: ") && cut.contains(" of 5000")
                && cut.contains("value: "))
        let nameless = letter(message(value: [1], (0..<50_000).map { _ in KafkaHeader("", []) }))
        #expect(size(nameless.event) <= 900_000)
    }
}
