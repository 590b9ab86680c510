import Contracts
import Telemetry

/// What the broker will not take is set aside and tried again, so that everything else goes on.
///
/// A topic that takes nothing is passed over as a whole: what is due there is owed, as after a loss. Of a topic that takes records but not
/// this one, the record is held back, and with it the later ones of its subject there: a department reads Kafka alone, and must not hear an
/// end before its beginning (what was under way with it in one batch is not called back). Consumers of ours miss neither: a gap is read from
/// its owner.
extension Publisher {
    /// What of these may be sent now. The rest is written down before anything behind it counts as acknowledged.
    func sendable(
        _ records: [StreamRecord], _ shared: SharedPublisherState, _ session: any PublisherSession, retrying topic: String? = nil
    ) async throws -> [StreamRecord] {
        let sorted = shared.sort(records, retrying: topic)
        if !sorted.held.isEmpty { try await session.hold(sorted.held) }
        if sorted.owesMore { try await shared.savePositions(session) }
        aside.held.set(Double(shared.heldCount))
        return sorted.due
    }

    /// Deals with records that were refused. False when their topic takes nothing.
    func setAside(
        _ refused: [(record: StreamRecord, error: any Error)], _ sink: any RecordSink, _ shared: SharedPublisherState,
        _ session: any PublisherSession, retrying topic: String?
    ) async throws -> Bool {
        var isOpen = true
        for (record, error) in refused {
            if DeliveryFailure(of: error) == .topic {
                passOver(record, error, shared)
                isOpen = false
            } else if try await !sendAlone(record, sink, shared, session, retrying: topic) {
                isOpen = false
            }
        }
        try await shared.savePositions(session)
        aside.held.set(Double(shared.heldCount))
        return isOpen
    }

    /// A batch is refused as a whole: alone, each record shows whether it is the one at fault.
    private func sendAlone(
        _ record: StreamRecord, _ sink: any RecordSink, _ shared: SharedPublisherState, _ session: any PublisherSession,
        retrying topic: String?
    ) async throws -> Bool {
        guard let record = try await sendable([record], shared, session, retrying: topic).first else { return true }
        guard let error = try await deliver(record, sink, shared) else { return true }
        if DeliveryFailure(of: error) == .topic {
            passOver(record, error, shared)
            return false
        }
        let held = HeldRecord(record, "\(error)")
        aside.unsendable.add()
        log.error(
            "the broker will not take a record: it is held back with what follows of its subject, and tried again",
            [
                "topic": .string(held.partition.topic), "part": .int(Int(held.partition.part)), "seq": .int(held.seq),
                "type": .string(record.event.type), "bytes": .int(record.event.payload.count), "error": .string(held.reason),
            ])
        if shared.hold(held) { try await session.hold([held]) }
        return true
    }

    /// Sends one record; nil when it was taken. Throws what ends the lead.
    private func deliver(_ record: StreamRecord, _ sink: any RecordSink, _ shared: SharedPublisherState) async throws -> (any Error)? {
        for result in try await sink.send([record]) {
            switch result {
            case .success(let receipt):
                if let trouble = note(record, receipt, sink, shared, isLate: true) { throw trouble }
                noteProgress(1)
            case .failure(let error):
                if DeliveryFailure(of: error) == .session { throw error }
                return error
            }
        }
        return nil
    }

    private func passOver(_ record: StreamRecord, _ error: any Error, _ shared: SharedPublisherState) {
        if shared.block(record, "\(error)") {
            aside.blocked.add()
            log.error(
                "a topic takes no records: what is due there waits, everything else goes on",
                ["topic": .string(record.event.topic), "error": "\(error)"])
        }
    }

    /// While a lead publishes: tries again what was set aside.
    func retryAside(_ shared: SharedPublisherState, _ session: any PublisherSession, _ sink: any RecordSink) async throws {
        while true {
            try await pace.pause(for: asideInterval)
            try shared.check()
            let blocked = shared.blockedTopics
            if !blocked.isEmpty, let cluster = try? await sink.cluster() {
                // What had records of ours is not made here: the watch finds it gone, and the next lead fills it again.
                let missing = Set(blocked).subtracting(cluster.topics).subtracting(shared.withPositions { $0.filledTopics })
                if !missing.isEmpty { await make(missing, sink) }
            }
            for topic in blocked { try await retry(topic, shared, session, sink) }
            for subject in shared.heldSubjects { try await retry(subject, shared, session, sink) }
            aside.held.set(Double(shared.heldCount))
        }
    }

    private func retry(_ topic: String, _ shared: SharedPublisherState, _ session: any PublisherSession, _ sink: any RecordSink)
        async throws
    {
        while !shared.unblock(topic) {
            for position in shared.withPositions({ $0.refills }) where position.partition.topic == topic {
                guard try await refill(position.partition, shared, session, sink) else { return }
            }
        }
        log.notice("a topic takes records again", ["topic": .string(topic)])
    }

    private func retry(
        _ subject: HeldRecords.Subject, _ shared: SharedPublisherState, _ session: any PublisherSession, _ sink: any RecordSink
    ) async throws {
        while !shared.isBlocked(subject.partition.topic), let held = shared.firstHeld(subject) {
            let position: KeyValuePairs<String, LogValue> = [
                "topic": .string(held.partition.topic), "part": .int(Int(held.partition.part)), "seq": .int(held.seq),
            ]
            let found = try await session.records(held.partition, from: held.seq, limit: 1).first
            if let record = found, record.seq == held.seq {
                if let error = try await deliver(record, sink, shared) {
                    guard DeliveryFailure(of: error) == .topic else { return }
                    // The topic is missing, or closed, by now: found here, because nothing else may be due there.
                    passOver(record, error, shared)
                    return try await shared.savePositions(session)
                }
                log.notice("a record that was held back has been sent", position)
            } else {
                log.error("a record that was held back is not in the database any more: it never reached Kafka", position)
            }
            try await session.release(held)
            shared.release(held)
        }
    }
}

/// What was set aside, in numbers.
struct AsideCounters: Sendable {
    let unsendable: Counter, blocked: Counter
    let held: Gauge, stalled: Gauge

    init(_ metrics: MetricsRegistry) {
        unsendable = metrics.counter("shao_unsendable_records_total", "Records that the broker will not take as they are.")
        blocked = metrics.counter("shao_blocked_topics_total", "Topics found to take no records at all.")
        held = metrics.gauge("shao_held_records", "Records held back from Kafka now; consumers of ours read them from their owner.")
        stalled = metrics.gauge(
            "shao_publish_stalled_seconds", "For how long records have been due and none was acknowledged; 0 below a minute.")
    }
}
