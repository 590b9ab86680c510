import Telemetry

// Finding the record that fails for good, so that its subject is parked and all others go on.
extension StreamConsumer {
    /// Effects and cursors in one commit. What fails for good is tried again by halves, each a commit of its own; a single
    /// record that still fails is parked.
    func commit(_ records: [StreamRecord], _ memory: inout ConsumerMemory) async throws {
        var search = PoisonSearch(total: records.count)
        try await commit(records, &memory, &search)
    }

    private func commit(
        _ all: [StreamRecord], _ memory: inout ConsumerMemory, _ search: inout PoisonSearch
    ) async throws {
        let records = search.halted.isEmpty ? all : all.filter { !search.halted.contains($0.partition) }
        guard !records.isEmpty else { return }
        do {
            return try await commit(ApplyStep(records, at: memory.positions), &memory)
        } catch  where FailureClass(of: error) == .lasting {
            if records.count == 1 { return try await park(records[0], "\(error)", &memory, &search) }
        }
        counters.halved.add()
        let middle = records.count / 2
        try await commit(Array(records[..<middle]), &memory, &search)
        try await commit(Array(records[middle...]), &memory, &search)
    }

    private func commit(_ step: ApplyStep, _ memory: inout ConsumerMemory) async throws {
        CrashPoint.pass(.consumerBeforeApply)
        let outcome = try await store.apply(step)
        CrashPoint.pass(.consumerAfterCommit)
        memory.accept(step, outcome)
        counters.applied.add(step.records.count - outcome.queued)
        let now = clock.now()
        for record in step.records { counters.delay.observe(now.secondsSince(record.event.time)) }
        if outcome.queued > 0 { counters.queued.add(outcome.queued) }
    }

    private func park(
        _ record: StreamRecord, _ reason: String, _ memory: inout ConsumerMemory, _ search: inout PoisonSearch
    ) async throws {
        search.failed += 1
        let partition = record.partition
        if (memory.positions.parked[partition]?.count ?? 0) >= ceiling || search.isTooMuch {
            return stop(partition, reason, &memory, &search)
        }
        let step = ApplyStep([record], at: memory.positions, poison: String(reason.prefix(1000)))
        memory.accept(step, try await store.apply(step))
        counters.parked.add()
        log.error(
            "an event failed for good: its subject is parked",
            [
                "topic": .string(partition.topic), "part": .int(Int(partition.part)), "seq": .int(record.seq),
                "subject": .string(record.event.subject), "type": .string(record.event.type), "error": .string(reason),
            ])
    }

    /// Too many fail: that is no poison but something of ours, and parking everything would only hide it.
    private func stop(
        _ partition: StreamPartition, _ reason: String, _ memory: inout ConsumerMemory, _ search: inout PoisonSearch
    ) {
        search.halted.insert(partition)
        // Somebody may have replayed meanwhile: the count is read again.
        memory.forget([partition])
        status.halt(
            partition, ConsumerStatus.Halt(reason: "poison ceiling: \(reason)", until: pace.elapsed() + PoisonSearch.retryAfter))
        log.error(
            "poison ceiling: this partition is halted and tried again later",
            ["topic": .string(partition.topic), "part": .int(Int(partition.part)), "error": .string(reason)])
    }
}

/// What the search of one batch has found.
struct PoisonSearch {
    let total: Int
    var failed = 0
    /// Nothing more of this batch is applied there.
    var halted: Set<StreamPartition> = []

    init(total: Int) { self.total = total }

    static let retryAfter = Duration.seconds(30)

    /// More than half of a batch worth counting.
    var isTooMuch: Bool { total >= 20 && failed * 2 > total }
}
