import Contracts
import EventLoop
import Kafka
import Telemetry
import TestKit

/// All that is on a broker's topics, read from their beginning by somebody outside.
struct KafkaTape: Sendable {
    let messages: [KafkaMessage]

    /// Reads every topic to the end it has now.
    static func read(_ configuration: KafkaConfiguration, _ topics: [Topic]) async throws -> KafkaTape {
        let consumer = try KafkaConsumer(configuration, group: nil, log: Log("tape", level: .error))
        var ends: [KafkaPartition: Int64] = [:]
        for topic in topics {
            for number in 0..<Int32(topic.partitions) {
                let partition = KafkaPartition(topic.name, number)
                let high = try await consumer.watermarks(partition).high
                if high > 0 { ends[partition] = high }
            }
        }
        try await consumer.assign(ends.mapValues { _ in .beginning })
        var messages: [KafkaMessage] = []
        while !ends.isEmpty, let batch = try await consumer.nextBatch(until: .now + .seconds(10)), !batch.isEmpty {
            messages += batch
            for (partition, next) in batch.nextOffsets where next >= ends[partition] ?? 0 { ends[partition] = nil }
        }
        await consumer.close()
        return KafkaTape(messages: messages)
    }

    /// Of one ticket, on topics whose names begin so, in each partition's order.
    func about(_ ticket: TicketID, on prefix: String = "") -> [KafkaMessage] {
        messages.filter { $0.topic.hasPrefix(prefix) && $0.key == Array(ticket.description.utf8) }
    }

    /// Whether these bytes stand anywhere: key, value, header.
    func holds(_ text: String) -> Bool {
        messages.contains { message in
            ([message.key, message.value] + message.headers.map(\.value)).contains { $0?.contains(text.utf8) ?? false }
        }
    }
}

extension KafkaMessage {
    func text(_ header: String) -> String? { self.header(header).map { String(decoding: $0, as: UTF8.self) } }

    /// `case.opened.v1`
    var shortType: String { String((text("ce_type") ?? "").dropFirst(CloudEvent.typePrefix.count)) }

    var cloudEvent: (event: CloudEvent, data: [UInt8])? {
        try? CloudEvent.parse(
            headers: headers.map { (name: $0.name, value: $0.value) }, value: value ?? [])
    }
}
