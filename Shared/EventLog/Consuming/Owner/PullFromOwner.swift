import Telemetry

// Reading owners' streams over HTTP: for gaps, for doubts, and where Kafka brings nothing.
extension StreamConsumer {
    enum PullOutcome {
        /// All that the owner has is applied.
        case complete
        /// There is more, and others are waiting.
        case more
        /// The owner does not answer, or the partition was halted.
        case stopped
    }

    private static let pageSize = 500
    /// Of one partition, before others have their turn.
    private static let pagesPerTurn = 20

    /// Asks an owner for its heads, every second, and more often while its streams are read instead of Kafka's.
    func watch(_ owner: String, _ topics: [String]) async {
        while !Task.isCancelled {
            do {
                let heads = try await owners.heads(of: topics)
                status.note(owner, ConsumerStatus.Look(heads: heads, at: pace.elapsed()))
            } catch is CancellationError {
                return
            } catch {
                status.noteSilence(of: owner)
            }
            guard (try? await pace.pause(for: status.looksOften ? Self.pullInterval : Self.lookInterval)) != nil else { return }
        }
    }

    /// Pulls what Kafka does not bring: partitions whose owner has been ahead of an unmoved cursor for a while, assigned to
    /// this member or to nobody. Rivals are settled by the cursors' compare-and-set. True when that brought anything.
    func pullStalePartitions(_ memory: inout ConsumerMemory) async throws(CancellationError) -> Bool {
        let looks = status.takeLooks()
        let before = counters.pulled.value
        guard !looks.isEmpty || !memory.unfinished.isEmpty else { return false }
        do {
            for partition in try await behind(looks, &memory).sorted() { try await pullAlone(partition, &memory) }
            status.setLastError(nil)
        } catch let cancelled as CancellationError {
            throw cancelled
        } catch {
            memory.forgetAll()
            counters.retries.add()
            status.setLastError("\(error)")
            log.warning("streams could not be pulled, trying again", ["error": "\(error)"])
        }
        return counters.pulled.value > before
    }

    /// Which partitions to pull now.
    private func behind(_ looks: [ConsumerStatus.Look], _ memory: inout ConsumerMemory) async throws -> Set<StreamPartition> {
        let now = pace.elapsed()
        let halted = status.halted(at: now)
        func isAhead(_ head: StreamHead) -> Bool { head.seq > memory.positions.cursors[head.partition]?.seq ?? -1 }
        // Only the database knows what other members applied, where nothing has come yet since the partition was assigned, and
        // whether a crash of its server has undone an asynchronous commit of ours.
        try await recall(Set(looks.flatMap(\.heads).map(\.partition)), &memory)
        var late: [StreamHead] = []
        for look in looks { late += look.heads.filter { memory.isStuck($0, at: look.at) || memory.pulled.contains($0.partition) } }
        late = late.filter { isAhead($0) && !halted.contains($0.partition) && !memory.rests($0.partition, at: now) }
        let due = late.map(\.partition)
        for partition in due where memory.pull(partition) {
            log.notice(
                "Kafka does not bring this partition: it is pulled from its owner",
                ["topic": .string(partition.topic), "part": .int(Int(partition.part))])
        }
        return memory.unfinished.subtracting(halted).union(due)
    }

    /// Pulls, and leaves the partition alone when another consumer was there first.
    private func pullAlone(_ partition: StreamPartition, _ memory: inout ConsumerMemory) async throws {
        memory.unfinished.remove(partition)
        do {
            if try await pull(partition, counters.pulled, &memory) == .more { memory.unfinished.insert(partition) }
        } catch  where FailureClass(of: error) == .fenced {
            counters.fenced.add()
            memory.backOff(partition, at: pace.elapsed())
        }
    }

    /// Applies what the owner has from the cursor on, page by page, each a transaction of its own.
    func pull(_ partition: StreamPartition, _ counter: Counter, _ memory: inout ConsumerMemory) async throws -> PullOutcome {
        for _ in 0..<Self.pagesPerTurn {
            try await recall(memory.missing(of: [partition]), &memory)
            let cursor = memory.positions.cursors[partition] ?? .start
            guard !isSilent(partition), let page = try await ask(partition, cursor) else { return .stopped }
            switch page {
            case .news(let records):
                CrashPoint.pass(.consumerMidPull)
                try await commit(records, &memory)
                counter.add(records.count)
                if records.count < Self.pageSize { return .complete }
            case .nothing, .unclear: return .complete
            case .diverged(let seq):
                diverged(partition, at: seq, "its owner has other events there, or fewer")
                return .stopped
            case .trimmed(let seq):
                status.halt(
                    partition,
                    ConsumerStatus.Halt(
                        reason: "the owner keeps nothing before \(seq), and \(cursor.seq) is applied: start from an archive",
                        until: pace.elapsed() + .seconds(30)))
                return .stopped
            }
        }
        return .more
    }

    /// The owner's page; nil when it does not answer.
    private func ask(_ partition: StreamPartition, _ cursor: Cursor) async throws -> OwnerPage? {
        do {
            let records = try await owners.records(partition, from: max(1, cursor.seq), limit: Self.pageSize + 1)
            let page = OwnerPage(records, after: cursor, hash: hash)
            guard page == .unclear else { return page }
            let heads = try await owners.heads(of: [partition.topic])
            return OwnerPage(head: heads.first { $0.partition == partition }, after: cursor)
        } catch let cancelled as CancellationError {
            throw cancelled
        } catch {
            ownerIsSilent(partition)
            log.notice(
                "an owner does not answer", ["topic": .string(partition.topic), "error": "\(error)"])
            return nil
        }
    }
}
