package import Kafka

/// Where the publisher produces to: one producer's session with a cluster. After a failed delivery it is closed and a new
/// one is made.
package protocol RecordSink: Sendable {
    /// Sends all in their order per partition and suspends until each is settled; the results have the records' order.
    /// Throws when nothing can be said of single records.
    func send(_ records: [StreamRecord]) async throws -> [Result<Receipt, any Error>]
    /// Waits at most so long for what is under way, then lets everything go.
    func close(drainingFor patience: Duration) async
}

/// A broker's word that it has a record.
package struct Receipt: Sendable, Equatable {
    /// Where the record is in its partition; nil when the broker does not say (`acks=0`, a repetition it recognised).
    package var offset: Int64?
    package init(offset: Int64?) { self.offset = offset }
}

/// Kafka.
package struct KafkaRecordSink: RecordSink {
    private let producer: KafkaProducer
    private let source: String

    /// - Parameter source: the CloudEvents source of this service, `/street/<code>/<service>`.
    package init(_ producer: KafkaProducer, source: String) {
        self.producer = producer
        self.source = source
    }

    package func send(_ records: [StreamRecord]) async throws -> [Result<Receipt, any Error>] {
        let results = try await producer.send(records.map { StreamHeaders.record($0, source: source) })
        return results.map { result in
            switch result {
            case .success(let receipt): .success(Receipt(offset: receipt.offset < 0 ? nil : receipt.offset))
            case .failure(let error): .failure(error)
            }
        }
    }

    package func close(drainingFor patience: Duration) async { await producer.close(drainingFor: patience) }
}
