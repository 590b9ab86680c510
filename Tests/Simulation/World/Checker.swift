import EventLog

/// What must hold when a world has come to rest: I2–I6 and I10 of the event log's invariants.
struct Checker {
    private let world: World

    init(_ world: World) { self.world = world }

    /// Nothing is on its way any more, or what is not will never be.
    var isQuiet: Bool {
        let rows = world.owner.rows
        guard world.writers?.underWay == 0, rows.stream.count == rows.outbox.count, isPublished, isRefilled, heldWithoutNeed.isEmpty
        else { return false }
        return world.services.allSatisfy { service in
            service.database.rows.parked.isEmpty && world.parts.allSatisfy { isAtRest($0, service) }
        }
    }

    /// The publisher has had its answers: reading from owners must not hide that it stands still.
    private var isPublished: Bool {
        world.scenario.faults.contains(.noKafka)
            || world.owner.rows.publisher.acknowledged >= world.owner.rows.stream.count
    }

    /// The broker has every record again, where nothing of what happened to it could stay hidden from the publisher: a tail that was cut
    /// and had grown again by other people's records before anyone looked cannot be noticed, and need not be.
    private var isRefilled: Bool {
        let hidden: Faults = [.noKafka, .unsafeKafka, .lostTails, .forgeries, .lateSessions]
        if !world.scenario.faults.isDisjoint(with: hidden) { return true }
        // What was held back after the backup is not known to be missing.
        if world.wasRestored, world.kafka.tally.refusedRecords > 0 { return true }
        return world.parts.allSatisfy { part in
            let there = Set(world.kafka.records(in: part).map(\.hash))
            let held = Set(world.owner.rows.held.filter { $0.partition == part }.map(\.seq))
            return world.owner.rows.history(of: part).allSatisfy { held.contains($0.seq) || there.contains($0.hash) }
        }
    }

    /// Records that are held back although the broker would take the first of them in their subject.
    private var heldWithoutNeed: [HeldRecord] {
        let rows = world.owner.rows
        return rows.held.filter { record in
            let first = rows.held.first { $0.partition == record.partition && $0.subject == record.subject } ?? record
            let history = rows.history(of: record.partition)
            guard first.seq > 0, first.seq <= history.count else { return true }
            return world.kafka.takes(history[Int(first.seq) - 1])
        }
    }

    private func isAtRest(_ part: StreamPartition, _ service: ListeningService) -> Bool {
        let cursor = service.database.rows.cursors[part] ?? .start
        let head = world.owner.rows.head(of: part)
        if cursor.seq == head?.seq ?? 0, cursor.hash == head?.hash ?? StreamHash.empty { return true }
        guard world.wasRestored else { return false }
        return reportsDivergence(service)
    }

    /// Whether the owner's history has this cursor.
    private func isOwners(_ cursor: Cursor, _ part: StreamPartition) -> Bool {
        let history = world.owner.rows.history(of: part)
        return cursor.seq == 0 || (cursor.seq <= history.count && history[Int(cursor.seq) - 1].hash == cursor.hash)
    }

    private func reportsDivergence(_ service: ListeningService) -> Bool {
        world.replicas.contains { $0.kind == .listener(service.number) && $0.consumer?.remark?.contains("DIVERGED") == true }
    }

    func violations() -> [Violation] {
        var found: [Violation] = []
        checkStream(&found)
        for record in heldWithoutNeed { found.append(Violation("\(record.partition.part): \(record.seq) is still held back")) }
        for service in world.services { check(service, &found) }
        return found
    }

    /// I2, I5, I6, I10: equal histories, each event applied once and in order, nothing left behind; where a restored owner has lost what
    /// was applied, that is said.
    private func check(_ service: ListeningService, _ found: inout [Violation]) {
        let name = "listener \(service.number + 1)"
        let rows = service.database.rows
        for part in world.parts {
            let cursor = rows.cursors[part] ?? .start
            let history = world.owner.rows.history(of: part)
            checkEffects(of: part, rows, history, name, &found)
            let isReported = reportsDivergence(service)
            if !isOwners(cursor, part) {
                if !world.wasRestored { found.append(Violation("\(name) \(part.part): its history at \(cursor.seq) is not the owner's")) }
                if !isReported { found.append(Violation("\(name) \(part.part): differs from the owner at \(cursor.seq) in silence")) }
            } else if cursor.seq != history.count, !(world.wasRestored && isReported) {
                found.append(Violation("\(name) \(part.part): stays at \(cursor.seq) of \(history.count)"))
            }
        }
        if !isRefilled { found.append(Violation("the broker has not been filled again")) }
        if let untrue = service.untrue { found.append(Violation("\(name): \(untrue)")) }
        if !isPublished {
            found.append(Violation("acknowledged is \(world.owner.rows.publisher.acknowledged) of \(world.owner.rows.stream.count)"))
        }
        if !rows.parked.isEmpty { found.append(Violation("\(name): \(rows.parked.count) events are still parked")) }
        if reportsDivergence(service), !world.wasRestored { found.append(Violation("\(name): says DIVERGED without a reason")) }
    }

    private func checkEffects(
        of part: StreamPartition, _ rows: ConsumerRows, _ history: [StreamRecord], _ name: String, _ found: inout [Violation]
    ) {
        let cursor = rows.cursors[part] ?? .start
        var last: [String: Int64] = [:]
        var seen: Set<Int64> = []
        for effect in rows.effects where effect.part == part.part {
            if !seen.insert(effect.seq).inserted { found.append(Violation("\(name) \(part.part): \(effect.seq) was applied twice")) }
            if let before = last[effect.subject], before > effect.seq {
                found.append(Violation("\(name) \(part.part): \(effect.subject) had \(effect.seq) after \(before)"))
            }
            last[effect.subject] = effect.seq
        }
        for parked in rows.parked where parked.record.partition == part { seen.insert(parked.record.seq) }
        if seen.count != cursor.seq || (seen.max() ?? 0) != cursor.seq {
            found.append(Violation("\(name) \(part.part): \(seen.count) effects, and the cursor says \(cursor.seq)"))
        }
        guard cursor.seq > 0, cursor.seq <= history.count, history[Int(cursor.seq) - 1].hash == cursor.hash else { return }
        for effect in rows.effects where effect.part == part.part && effect.seq <= history.count {
            if effect != ConsumerRows.Effect(history[Int(effect.seq) - 1]) {
                found.append(Violation("\(name) \(part.part): what was applied as \(effect.seq) is not the owner's"))
            }
        }
    }

    /// I3, I4: every committed event once, dense, chained, versions ascending within a subject.
    private func checkStream(_ found: inout [Violation]) {
        let rows = world.owner.rows
        let missing = rows.outbox.filter { !rows.sequencedIDs.contains($0.id) }
        if !missing.isEmpty { found.append(Violation("committed and never sequenced: outbox \(missing.map(\.id))")) }
        if rows.sequencedIDs.count != rows.stream.count { found.append(Violation("an outbox row is in the stream twice")) }
        let known = Set(rows.outbox.map(\.id))
        for row in rows.stream where !known.contains(row.outboxID) {
            found.append(Violation("\(row.outboxID) is sequenced but not committed"))
        }
        for (place, row) in rows.stream.enumerated() where row.record.pos != Int64(place) + 1 {
            found.append(Violation("pos is not dense: \(row.record.pos) is number \(place + 1)"))
        }
        for part in world.parts { checkHistory(of: part, rows, &found) }
        checkVersions(rows, &found)
    }

    private func checkHistory(of part: StreamPartition, _ rows: OwnerRows, _ found: inout [Violation]) {
        var (seq, hash) = (Int64(0), StreamHash.empty)
        for record in rows.history(of: part) {
            if record.seq != seq + 1 { found.append(Violation("\(part): \(record.seq) follows \(seq)")) }
            if World.hash.next(after: hash, seq: record.seq, record.event) != record.hash {
                found.append(Violation("\(part): the chain breaks at \(record.seq)"))
            }
            (seq, hash) = (record.seq, record.hash)
        }
        if let head = rows.head(of: part), head.seq != seq || head.hash != hash {
            found.append(Violation("\(part): the head says \(head.seq), the stream ends at \(seq)"))
        }
    }

    private func checkVersions(_ rows: OwnerRows, _ found: inout [Violation]) {
        var last: [String: Int32] = [:]
        for row in rows.stream {
            let event = row.record.event
            let before = last[event.subject] ?? 0
            if event.version != before + 1 {
                found.append(Violation("\(event.subject): version \(event.version) follows \(before) at \(event.part)/\(row.record.seq)"))
            }
            last[event.subject] = event.version
        }
    }
}
