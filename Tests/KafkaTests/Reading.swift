import EventLoop
import Kafka
import TestKit
import Testing

extension Broker {
    /// A consumer that reads these partitions of a topic from their beginning, outside any group.
    func reader(_ topic: String, partitions: Int = 1, _ properties: KafkaConfiguration = [:]) async throws -> KafkaConsumer {
        let consumer = try KafkaConsumer(configuration(properties), group: nil)
        var starts: [KafkaPartition: KafkaOffset] = [:]
        for number in 0..<partitions { starts[KafkaPartition(topic, Int32(number))] = .beginning }
        try await consumer.assign(starts)
        return consumer
    }

    /// Sends, and demands that everything was stored.
    @discardableResult
    func send(_ records: [KafkaRecord]) async throws -> [KafkaReceipt] {
        let producer = try KafkaProducer(configuration())
        let results = try await producer.send(records)
        await producer.close()
        return try results.map { try $0.get() }
    }
}

extension KafkaConsumer {
    /// Pulls until `count` messages came; twenty seconds without an end are a failure.
    func read(_ count: Int) async throws -> [KafkaMessage] {
        try await within(.seconds(20)) {
            var messages: [KafkaMessage] = []
            while messages.count < count, let batch = try await self.nextBatch() { messages += batch }
            return messages
        }
    }
}

/// The value of `body`, or an error when it takes longer: hangs become failures.
func within<Value: Sendable>(_ patience: Duration, _ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await EventLoop.shared.sleep(for: patience)
            return nil
        }
        defer { group.cancelAll() }
        while let first = try await group.next() {
            if let value = first { return value }
            throw Overdue()
        }
        throw Overdue()
    }
}

struct Overdue: Error {}

/// Looks again until the condition holds; false after the deadline.
func holds(within patience: Duration = .seconds(20), _ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await EventLoop.shared.sleep(for: .milliseconds(10))
    }
    return try await condition()
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
