import CLibrdkafka
import Telemetry

extension KafkaConsumer {
    /// Manual mode: reads exactly these partitions from these offsets, in place of all before. What was fetched but not yet
    /// handed out is dropped. An empty dictionary stops reading.
    public func assign(_ starts: [KafkaPartition: KafkaOffset]) throws(KafkaError) {
        guard let client else { throw .closed("assign") }
        let code = PartitionList(starts.mapValues(\.rawValue)).withPointer { rd_kafka_assign(client.pointer, $0) }
        if code.rawValue != 0 { throw KafkaError(code, "assign") }
        collected = []
        positions = starts
    }

    /// Either mode: goes on reading elsewhere in partitions this consumer holds (others are ignored), and where it was in the rest.
    /// Done by assigning anew, because seeking is unreliable before librdkafka 2.1.
    public func reposition(_ starts: [KafkaPartition: KafkaOffset]) throws(KafkaError) {
        try assign(positions.merging(starts.filter { positions[$0.key] != nil }) { _, asked in asked })
    }

    /// Answers the group's hand-over. Must always end in an assign or unassign, or the whole group waits.
    func rebalance(_ client: Client, _ code: rd_kafka_resp_err_t, _ partitions: [KafkaPartition]) async {
        let incremental = rd_kafka_rebalance_protocol(client.pointer).map { String(cString: $0) } == "COOPERATIVE"
        if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            await take(client, partitions, incremental)
        } else {
            await giveBack(client, partitions, incremental)
        }
    }

    private func take(_ client: Client, _ partitions: [KafkaPartition], _ incremental: Bool) async {
        let wished = await onAssign?(partitions) ?? [:]
        var starts: [KafkaPartition: KafkaOffset] = [:]
        for partition in partitions { starts[partition] = wished[partition] ?? .committed }
        let list = PartitionList(starts.mapValues(\.rawValue))
        if incremental {
            settle(list.withPointer { rd_kafka_incremental_assign(client.pointer, $0) }, "assign", client)
            positions.merge(starts) { $1 }
        } else {
            settle(list.withPointer { rd_kafka_assign(client.pointer, $0) }, "assign", client)
            positions = starts
        }
        log.info("partitions taken", ["partitions": .string(partitions.sorted().description)])
    }

    private func giveBack(_ client: Client, _ partitions: [KafkaPartition], _ incremental: Bool) async {
        let leaving = Set(partitions)
        // Not handed out yet, so the next owner reads them again.
        collected.removeAll { leaving.contains($0.source) }
        await onRevoke?(partitions)
        if rd_kafka_assignment_lost(client.pointer) == 0 { await commitBeforeLeaving() }
        for partition in partitions { positions[partition] = nil }
        gauges?.leave(partitions)
        if incremental {
            let refusal = PartitionList(leaving).withPointer { rd_kafka_incremental_unassign(client.pointer, $0) }
            settle(refusal, "unassign", client)
        } else {
            settle(rd_kafka_assign(client.pointer, nil), "unassign", client)
            positions = [:]
        }
        log.info("partitions given back", ["partitions": .string(partitions.sorted().description)])
    }

    private func settle(_ code: rd_kafka_resp_err_t, _ operation: String, _ client: Client) {
        if code.rawValue != 0 { client.note(KafkaError(code, operation)) }
    }

    private func settle(_ refusal: OpaquePointer?, _ operation: String, _ client: Client) {
        if let refusal { client.note(KafkaError(consuming: refusal, operation)) }
    }
}

extension PartitionList {
    init(_ partitions: Set<KafkaPartition>) {
        self.init(Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) }))
    }
}
