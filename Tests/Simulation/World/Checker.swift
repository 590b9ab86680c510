import EventLog

/// What must hold when a world has come to rest: I2–I6 and I10 of the event log's invariants.
struct Checker {
    private let world: World

    init(_ world: World) { self.world = world }

    /// Nothing is on its way any more.
    var isQuiet: Bool {
        guard world.writers?.underWay == 0 else { return false }
        return world.owner.rows.stream.count == world.owner.rows.outbox.count
    }

    func violations() -> [Violation] {
        var found: [Violation] = []
        checkStream(&found)
        return found
    }

    /// I3, I4: every committed event once, dense, chained, versions ascending within a subject.
    private func checkStream(_ found: inout [Violation]) {
        let rows = world.owner.rows
        let missing = rows.outbox.filter { !rows.sequencedIDs.contains($0.id) }
        if !missing.isEmpty { found.append(Violation("committed and never sequenced: outbox \(missing.map(\.id))")) }
        if rows.sequencedIDs.count != rows.stream.count { found.append(Violation("an outbox row is in the stream twice")) }
        let known = Set(rows.outbox.map(\.id))
        for row in rows.stream where !known.contains(row.outboxID) { found.append(Violation("\(row.outboxID) is sequenced but not committed")) }
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
