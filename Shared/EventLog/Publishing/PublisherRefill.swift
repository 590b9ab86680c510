import Contracts
import Telemetry

/// What the broker has lost is sent again, before anything new: the same records, byte for byte.
extension Publisher {
    /// Single partitions, one after another.
    func refillPartitions(_ shared: SharedPublisherState, _ session: any PublisherSession, _ sink: any RecordSink) async throws {
        for position in shared.withPositions({ $0.refills }) where !shared.isBlocked(position.partition.topic) {
            _ = try await refill(position.partition, shared, session, sink)
        }
        remaining.set(0)
    }

    /// Sends what is owed of one partition. False when its topic takes nothing.
    func refill(
        _ partition: StreamPartition, _ shared: SharedPublisherState, _ session: any PublisherSession, _ sink: any RecordSink
    ) async throws -> Bool {
        if let owed = shared.withPositions({ $0.refill(of: partition) }) {
            log.notice(
                "a partition is filled again",
                [
                    "topic": .string(partition.topic), "part": .int(Int(partition.part)), "from": .int(owed.lowerBound),
                    "to": .int(owed.upperBound),
                ])
        }
        while let owed = shared.withPositions({ $0.refill(of: partition) }) {
            let page = try await session.records(partition, from: owed.lowerBound, limit: Self.batchSize)
            let records = page.filter { $0.seq <= owed.upperBound }
            remaining.set(Double(owed.upperBound - owed.lowerBound + 1))
            guard try await send(kept(records), sink, shared, session, retrying: partition.topic) else { return false }
            refilled.add(records.count)
            // What is not in the database any more is not owed either.
            let next = (records.last?.seq ?? owed.upperBound) + 1
            shared.withPositions { $0.refilled(partition, before: next) }
            try await shared.savePositions(session)
        }
        return true
    }

    /// Of records that another cluster had: those that this one would keep.
    func kept(_ records: [StreamRecord]) -> [StreamRecord] {
        let now = clock.now()
        return records.filter { record in
            guard let topic = topics.first(where: { $0.name == record.event.topic }) ?? Topics.named(record.event.topic) else {
                return true
            }
            return record.event.time > now.adding(milliseconds: -topic.retention.wholeMilliseconds)
        }
    }

    /// Tells how far the filling of a new cluster has come.
    func noteRefill(_ state: PublisherState, sent: Int, _ progress: inout RefillProgress) {
        guard state.refillTo > 0, progress.last < state.refillTo else { return }
        CrashPoint.pass(.publisherMidRefill)
        refilled.add(sent)
        progress.sent += sent
        progress.last = state.acknowledged
        remaining.set(Double(max(0, state.refillTo - state.acknowledged)))
        if state.acknowledged >= state.refillTo {
            log.notice("the cluster is filled again", ["records": .int(progress.sent)])
        } else if pace.elapsed() - progress.told > .seconds(5) {
            progress.told = pace.elapsed()
            log.info("filling the cluster again", ["records": .int(progress.sent), "remaining": .int(state.refillTo - state.acknowledged)])
        }
    }
}

/// How far a lead has filled a new cluster.
struct RefillProgress {
    var last: Int64
    var sent = 0
    var told: Duration
}
