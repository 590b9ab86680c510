import CLibrdkafka
import EventLoop

/// The questions librdkafka answers only while its caller waits: each on a thread of its own, never on the loop.
extension Client {
    func clusterID(within timeout: Duration) async throws(KafkaError) -> String {
        let answer = await OwnThread.run("kafka-call") { [self] () -> Result<String, KafkaError> in
            guard let text = rd_kafka_clusterid(pointer, timeout.clampedMilliseconds) else {
                return .failure(KafkaError(.timedOut, operation: "cluster id", message: "no broker told it in time", isRetriable: true))
            }
            defer { rd_kafka_mem_free(pointer, text) }
            return .success(String(cString: text))
        }
        return try answer.get()
    }

    /// A partition of a cluster that has just started has no leader yet: asked again until it has, or the time is over.
    func watermarks(_ partition: KafkaPartition, within timeout: Duration) async throws(KafkaError) -> KafkaWatermarks {
        let deadline = ContinuousClock.now + timeout
        while true {
            do throws(KafkaError) {
                return try await watermarksNow(partition, within: timeout)
            } catch {
                guard error.code == .notLeader || error.code == .leaderNotAvailable, ContinuousClock.now < deadline,
                    (try? await loop.sleep(for: .milliseconds(100))) != nil
                else { throw error }
            }
        }
    }

    private func watermarksNow(_ partition: KafkaPartition, within timeout: Duration) async throws(KafkaError) -> KafkaWatermarks {
        let answer = await OwnThread.run("kafka-call") { [self] () -> Result<KafkaWatermarks, KafkaError> in
            var low: Int64 = 0
            var high: Int64 = 0
            let code = rd_kafka_query_watermark_offsets(
                pointer, partition.topic, partition.number, &low, &high, timeout.clampedMilliseconds)
            if code.rawValue != 0 { return .failure(KafkaError(code, "watermarks", partition: partition)) }
            return .success(KafkaWatermarks(low: low, high: high))
        }
        return try answer.get()
    }

    /// The next offset of each partition; one request per leader. Their topics must exist.
    func ends(of partitions: [KafkaPartition], within timeout: Duration) async throws(KafkaError) -> [KafkaPartition: Int64] {
        if partitions.isEmpty { return [:] }
        let answer = await OwnThread.run("kafka-call") { [self] () -> Result<[KafkaPartition: Int64], KafkaError> in
            // In the place of an offset stands the time that is asked for; -1 means the end.
            let list = PartitionList(Dictionary(partitions.map { ($0, -1) }, uniquingKeysWith: { a, _ in a }))
            return list.withPointer { entries in
                let code = rd_kafka_offsets_for_times(pointer, entries, timeout.clampedMilliseconds)
                if code.rawValue != 0 { return .failure(KafkaError(code, "ends")) }
                var ends: [KafkaPartition: Int64] = [:]
                for entry in entries.entries {
                    if entry.error.rawValue != 0 { return .failure(KafkaError(entry.error, "ends", partition: entry.partition)) }
                    if entry.offset >= 0 { ends[entry.partition] = entry.offset }
                }
                return .success(ends)
            }
        }
        return try answer.get()
    }

    func topics(within timeout: Duration) async throws(KafkaError) -> [KafkaTopic] {
        let answer = await OwnThread.run("kafka-call") { [self] () -> Result<[KafkaTopic], KafkaError> in
            var found: UnsafePointer<rd_kafka_metadata>?
            let code = rd_kafka_metadata(pointer, 1, nil, &found, timeout.clampedMilliseconds)
            guard code.rawValue == 0, let found else { return .failure(KafkaError(code, "metadata")) }
            defer { rd_kafka_metadata_destroy(found) }
            let topics = UnsafeBufferPointer(start: found.pointee.topics, count: Int(found.pointee.topic_cnt))
            return .success(
                topics.map { KafkaTopic(name: String(cString: $0.topic), partitions: Int($0.partition_cnt)) }
                    .sorted { $0.name < $1.name })
        }
        return try answer.get()
    }
}

/// The oldest offset kept (`low`) and the next one to be written (`high`).
public struct KafkaWatermarks: Sendable, Hashable {
    public let low: Int64
    public let high: Int64

    public init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }
}

/// A topic as the cluster knows it.
public struct KafkaTopic: Sendable, Hashable {
    public let name: String
    public let partitions: Int

    public init(name: String, partitions: Int) {
        self.name = name
        self.partitions = partitions
    }
}

extension Duration {
    /// Whole milliseconds, at least one, at most what a C int holds.
    var clampedMilliseconds: CInt {
        let (seconds, attoseconds) = components
        if seconds >= 1_000_000 { return 1_000_000_000 }
        return CInt(clamping: max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }
}
