import Kafka
import Telemetry

// From a batch as Kafka brought it to committed effects.
extension StreamConsumer {
    func record(_ message: KafkaMessage) -> StreamRecord? {
        do {
            return try StreamHeaders.parse(message)
        } catch {
            counters.foreign.add()
            log.warning(
                "a record its owner did not write was ignored",
                ["topic": .string(message.topic), "offset": .int(message.offset)])
            return nil
        }
    }

    /// Applies the batch, again and again until that is done.
    func applyForSure(_ records: [StreamRecord], _ memory: inout ConsumerMemory) async throws(CancellationError) {
        var backOff = BackOff(pace)
        while !records.isEmpty {
            if Task.isCancelled { throw CancellationError() }
            do {
                try await apply(records, &memory)
                return status.setLastError(nil)
            } catch let cancelled as CancellationError {
                throw cancelled
            } catch {
                // A commit whose answer was lost may have come about: the database knows.
                memory.forgetAll()
                note(error, records.count)
                try await backOff.pause()
            }
        }
    }

    private func note(_ error: any Error, _ count: Int) {
        if FailureClass(of: error) == .fenced {
            counters.fenced.add()
            return
        }
        counters.retries.add()
        status.setLastError("\(error)")
        log.warning("a batch was not applied, trying again", ["error": "\(error)", "records": .int(count)])
    }

    /// Sorts against the cursors, applies what comes next in one transaction, and asks owners about what is in doubt.
    func apply(_ records: [StreamRecord], _ memory: inout ConsumerMemory) async throws {
        guard !records.isEmpty else { return }
        try await recall(memory.missing(of: Set(records.map(\.partition))), &memory)
        let sorted = SortedBatch(
            records, at: memory.positions.cursors, without: status.halted(at: pace.elapsed()), hash: hash)
        if sorted.duplicates > 0 { counters.duplicates.add(sorted.duplicates) }
        if sorted.stale > 0 { counters.stale.add(sorted.stale) }
        try await commit(sorted.next, &memory)
        if !memory.pulled.isEmpty { goBackToKafka(sorted.reached.subtracting(sorted.doubtful.keys), &memory) }
        for (partition, rest) in sorted.doubtful.sorted(by: { $0.key < $1.key }) { try await clear(partition, rest, &memory) }
    }

    /// Reads the cursors that are not known.
    func recall(_ partitions: Set<StreamPartition>, _ memory: inout ConsumerMemory) async throws {
        guard !partitions.isEmpty else { return }
        var loaded = try await store.load(partitions)
        // A database restored from a backup may be older than its cursors.
        let absent = partitions.filter { loaded.cursors[$0] == nil && self.partitions.contains($0) }
        if !absent.isEmpty {
            try await store.open(absent.sorted())
            loaded = try await store.load(partitions)
        }
        memory.learn(loaded)
    }

    /// A gap, or a record with another history: what follows is read from the owner. What Kafka brought is then looked at
    /// again, and what the owner does not have is not the owner's.
    private func clear(_ partition: StreamPartition, _ rest: [StreamRecord], _ memory: inout ConsumerMemory) async throws {
        let cursor = memory.positions.cursors[partition] ?? .start
        if let first = rest.first, case .gap(let from, let count) = cursor.classify(first, hash: hash) {
            counters.gaps.add()
            log.notice(
                "filling a gap from the owner's stream",
                ["topic": .string(partition.topic), "part": .int(Int(partition.part)), "from": .int(from), "count": .int(count)])
        }
        guard try await pull(partition, counters.repaired, &memory) == .complete else { return }
        let again = SortedBatch(rest, at: memory.positions.cursors, without: [], hash: hash)
        try await commit(again.next, &memory)
        let forged = again.doubtful[partition]?.count ?? 0
        guard forged > 0 else { return }
        counters.forged.add(forged)
        log.warning(
            "records that are not in the owner's stream were dropped",
            ["topic": .string(partition.topic), "part": .int(Int(partition.part)), "records": .int(forged)])
    }

    private func goBackToKafka(_ partitions: Set<StreamPartition>, _ memory: inout ConsumerMemory) {
        for partition in partitions where memory.stopPulling(partition) {
            log.notice(
                "Kafka brings this partition again", ["topic": .string(partition.topic), "part": .int(Int(partition.part))])
        }
    }
}
