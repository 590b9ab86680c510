import CLibrdkafka
import Telemetry

/// What a consumer counts.
struct ConsumerMetrics {
    let received: Counter
    private let registry: MetricsRegistry

    init(_ registry: MetricsRegistry) {
        self.registry = registry
        received = registry.counter("kafka_records_in_total", "Records handed to this process.")
    }

    /// Whoever reads these partitions from now on tells how far behind they are.
    func leave(_ partitions: [KafkaPartition]) {
        for partition in partitions { gauge(partition).set(0) }
    }

    /// From the high watermark that came with the last fetch: costs no request.
    func lag(_ client: Client, _ partition: KafkaPartition, _ next: Int64) {
        var low: Int64 = -1
        var high: Int64 = -1
        let code = rd_kafka_get_watermark_offsets(client.pointer, partition.topic, partition.number, &low, &high)
        guard code.rawValue == 0, high >= 0 else { return }
        gauge(partition).set(Double(max(0, high - next)))
    }

    private func gauge(_ partition: KafkaPartition) -> Gauge {
        registry.gauge(
            "kafka_consumer_lag_records", "Records written and not yet handed to this process, as of the last fetch.",
            labels: [("topic", partition.topic), ("partition", String(partition.number))])
    }
}
