import Contracts
import EventLoop
import Postgres
import Telemetry
import TestKit
import Testing

@testable import EventLog

@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct RebuildTests {
    @Test func `a rebuilt projection equals the live one and takes its place with all its names`() async throws {
        try await RebuildWorld.with { world in
            try await world.apply(world.happen(0..<400, versions: 1...3))
            let (shape, contents) = (try await world.shape(), try await world.contents())
            let end = try await world.rebuild()
            #expect(end.phase == .done, "\(end.trouble ?? "")")
            #expect(end.isSwapped && !end.differs)
            #expect(end.applied == 1200 && end.total == 1200)
            #expect(end.tables.map { "\($0.table) \($0.liveRows) \($0.rebuiltRows)" } == ["counted 400 400", "counted_step 1200 1200"])
            #expect(try await world.shape() == shape)
            #expect(try await world.contents() == contents)
            #expect(try await world.schemas().isEmpty)
            // The live consumer goes on upon the new tables: sequences, keys and cursors are theirs.
            try await world.apply(world.happen(0..<500, versions: 4...4))
            #expect(try await world.rebuild(check: true).tables.allSatisfy(\.isEqual))
        }
    }

    @Test func `what handlers emit while a projection is rebuilt goes nowhere`() async throws {
        try await RebuildWorld.with { world in
            try await world.apply(world.happen(0..<50, versions: 1...1))
            let before = try await world.pool.query("SELECT count(*) FROM outbox", as: Int.self)
            _ = try await world.rebuild()
            #expect(try await world.pool.query("SELECT count(*) FROM outbox", as: Int.self) == before)
        }
    }

    @Test func `a damaged table is told of and mended`() async throws {
        try await RebuildWorld.with { world in
            try await world.apply(world.happen(0..<100, versions: 1...2))
            let sound = try await world.contents()
            try await world.pool.execute("DELETE FROM counted_step WHERE version = 2 AND subject LIKE '%7'")
            try await world.pool.execute("UPDATE counted SET total = 99 WHERE subject LIKE '%3'")
            let check = try await world.rebuild(check: true)
            #expect(check.phase == .done && check.differs && !check.isSwapped)
            #expect(check.tables.map { "\($0.isEqual) \($0.onlyLive) \($0.onlyRebuilt)" } == ["false 10 10", "false 0 10"])
            #expect(try await world.contents() != sound)
            #expect(try await world.schemas().isEmpty)
            let mended = try await world.rebuild()
            #expect(mended.isSwapped && mended.differs)
            #expect(try await world.contents() == sound)
        }
    }

    @Test func `events that arrive while it is rebuilt are in it, once`() async throws {
        try await RebuildWorld.with { world in
            try await world.apply(world.happen(0..<600, versions: 1...4))
            let writer = Task {
                for version in 5...14 as ClosedRange<Int32> {
                    for start in stride(from: 0, to: 600, by: 100) {
                        try await apply(world, world.happen(start..<start + 100, versions: version...version))
                    }
                }
            }
            for _ in 0..<3 {
                let end = try await world.rebuild()
                #expect(end.phase == .done && end.isSwapped && !end.differs, "\(end)")
            }
            try await writer.value
            let wrong = try await world.pool.query(
                "SELECT count(*) FROM counted WHERE version <> 14 OR total <> 105", as: Int.self)
            #expect(wrong == [0])
            #expect(try await world.pool.query("SELECT count(*) FROM counted_step", as: Int.self) == [600 * 14])
            #expect(try await world.rebuild(check: true).tables.allSatisfy(\.isEqual))
        }
    }

    /// As the live consumer: what it lost in a deadlock or to a lock it does again.
    private func apply(_ world: RebuildWorld, _ records: [StreamRecord]) async throws {
        while true {
            do { return try await world.apply(records) } catch let error as PostgresError where error.isRetriable {}
        }
    }

    @Test func `readers of a table find it whole while it is exchanged`() async throws {
        try await RebuildWorld.with { world in
            try await world.apply(world.happen(0..<200, versions: 1...1))
            let reading = Task {
                var counts: Set<Int> = []
                while !Task.isCancelled { counts.formUnion(try await world.pool.query("SELECT count(*) FROM counted", as: Int.self)) }
                return counts
            }
            for _ in 0..<3 { #expect(try await world.rebuild().isSwapped) }
            reading.cancel()
            if case .success(let counts) = await reading.result { #expect(counts == [200]) }
        }
    }

    @Test func `a cancelled rebuild leaves nothing`() async throws {
        try await RebuildWorld.with { world in
            try await world.apply(world.happen(0..<600, versions: 1...4))
            let contents = try await world.contents()
            world.owner.hold()
            _ = try world.rebuilder.start("counts", checkOnly: false)
            await eventually("the owner is asked") { world.owner.reads > 0 }
            #expect(throws: Rebuilder.Refusal.self) { try world.rebuilder.start("counts", checkOnly: true) }
            let cancelling = Task { await world.rebuilder.cancel() }
            world.owner.release()
            await cancelling.value
            #expect(world.rebuilder.progress?.phase == .cancelled)
            #expect(try await world.schemas().isEmpty)
            #expect(try await world.contents() == contents)
            #expect(try await world.rebuild().isSwapped)
        }
    }

    @Test func `what a killed rebuild left is removed at the next start, but not under a replica that is at work`() async throws {
        try await RebuildWorld.with { world in
            try await world.apply(world.happen(0..<10, versions: 1...1))
            for statement in ["CREATE SCHEMA rebuild_counts", "CREATE TABLE rebuild_counts.counted (LIKE counted)"] as [SQL] {
                try await world.pool.execute(statement)
            }
            try await world.pool.withConnection { connection in
                #expect(try await connection.query(ShadowQueries.tryLock, as: Bool.self) == [true])
                let refused = try await world.rebuild()
                #expect(refused.phase == .failed && refused.trouble?.contains("another replica") == true)
                #expect(try await world.schemas() == ["rebuild_counts"])
            }
            // Patient: the lock of a process that was killed goes a moment after it.
            try await world.rebuilder.clear()
            #expect(try await world.schemas().isEmpty)
        }
    }

    @Test func `an owner with another history is refused and the live tables stay`() async throws {
        try await RebuildWorld.with { world in
            try await world.apply(world.happen(0..<24, versions: 1...2))
            try await world.pool.execute("UPDATE inbox_cursor SET h = '\\x00112233445566778899aabbccddeeff' WHERE part = 3")
            let contents = try await world.contents()
            let end = try await world.rebuild()
            #expect(end.phase == .failed && end.trouble?.contains("tickets.v1/3") == true, "\(end.trouble ?? "")")
            #expect(try await world.contents() == contents)
            #expect(try await world.schemas().isEmpty)
        }
    }

    @Test func `a handler that fails ends the rebuild with its reason`() async throws {
        try await RebuildWorld.with { world in
            try await world.apply(world.happen(0..<5, versions: 1...2))
            try await world.pool.execute("ALTER TABLE counted ADD CONSTRAINT low CHECK (total < 3) NOT VALID")
            let end = try await world.rebuild()
            #expect(end.phase == .failed && end.trouble?.contains("low") == true, "\(end.trouble ?? "")")
            #expect(try await world.schemas().isEmpty)
        }
    }

    @Test func `what is parked or was dropped is left out, as in the live tables`() async throws {
        try await RebuildWorld.with { world in
            let records = world.happen(0..<24, versions: 1...2)
            let parking = try #require(records.first { $0.event.version == 1 && $0.event.part == 5 })
            try await world.apply(records, parking: parking.event.subject)
            #expect(try await world.pool.query("SELECT count(*) FROM parked", as: Int.self) == [2])
            #expect(try await world.rebuild(check: true).tables.allSatisfy(\.isEqual))
            let end = try await world.rebuild()
            #expect(end.isSwapped && !end.differs)
            let parked = world.parked
            #expect(try await parked.drop(topic: "tickets.v1", subject: parking.event.subject, why: "test") == 2)
            #expect(try await world.rebuild().tables.map(\.rebuiltRows) == [23, 46])
        }
    }

    @Test func `a replay of what is parked makes a rebuild begin again`() async throws {
        try await RebuildWorld.with { world in
            let records = world.happen(0..<600, versions: 1...2)
            let parking = try #require(records.first { $0.event.version == 1 && $0.event.part == 5 })
            try await world.apply(records, parking: parking.event.subject)
            world.owner.hold()
            _ = try world.rebuilder.start("counts", checkOnly: false)
            await eventually("the owner is asked") { world.owner.reads > 0 }
            #expect(try await world.parked.replay(topic: "tickets.v1", subject: parking.event.subject) == .done(events: 2))
            world.owner.release()
            let end = try await world.end()
            #expect(end.isSwapped && !end.differs, "\(end)")
            #expect(end.tables.map(\.rebuiltRows) == [600, 1200])
        }
    }

    @Test func `a table that others refer to is not begun with`() async throws {
        try await RebuildWorld.with { world in
            try await world.pool.execute("CREATE TABLE other (subject text REFERENCES counted (subject))")
            let end = try await world.rebuild()
            #expect(end.phase == .failed && end.trouble?.contains("other refers to counted") == true, "\(end.trouble ?? "")")
            #expect(throws: Rebuilder.Refusal.unknown(names: ["counts"])) { try world.rebuilder.start("nothing", checkOnly: true) }
        }
    }
}

struct LaneWorkTests {
    @Test func `every record is read once, a partition number in one lane only`() {
        var target: [StreamPartition: Cursor] = [:]
        var before: [StreamPartition: Cursor] = [:]
        for part in 0..<12 as Range<Int32> {
            for (place, topic) in ["tickets.v1", "cases.v1", "directory.v1"].enumerated() {
                let partition = StreamPartition(topic: topic, part: part)
                target[partition] = Cursor(seq: Int64(Int(part) * 37 * (place + 1)), hash: [])
                if part % 2 == 0 { before[partition] = Cursor(seq: Int64(part), hash: []) }
            }
        }
        var read: [StreamPartition: [Range<Int64>]] = [:]
        var lanes: [Int32: Set<Int>] = [:]
        for (number, lane) in LaneWork.divide(from: before, to: target, lanes: 3, batch: 50).enumerated() {
            var lane = lane
            while let slices = lane.next() {
                #expect(slices.reduce(0) { $0 + $1.count } <= 50 + 3)
                for slice in slices {
                    read[slice.partition, default: []].append(slice.from..<slice.from + Int64(slice.count))
                    lanes[slice.partition.part, default: []].insert(number)
                }
            }
        }
        for (partition, cursor) in target {
            let ranges = read[partition] ?? []
            var next = (before[partition]?.seq ?? 0) + 1
            for range in ranges {
                #expect(range.lowerBound == next)
                next = range.upperBound
            }
            #expect(next == max(cursor.seq, before[partition]?.seq ?? 0) + 1)
        }
        #expect(lanes.values.allSatisfy { $0.count == 1 })
    }
}

struct StreamFramesTests {
    private let records = Sample.stream(
        (1...5 as ClosedRange<Int32>).map { version in
            var event = Sample.event("subject \(version)", version: version)
            if version == 2 { event.cause = event.id }
            if version == 3 { event.trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }
            if version == 4 { event.headers = [RecordHeader(name: "ce_id", value: [0, 255])] }
            if version == 5 { event.payload = [] }
            return event
        })

    @Test func `a page in bytes is read as it was written`() throws {
        let partition = StreamPartition(topic: "tickets.v1", part: 0)
        #expect(try StreamFrames.read(StreamFrames.write(records), partition) == records)
        #expect(try StreamFrames.read([], partition).isEmpty)
    }

    @Test func `a cut or damaged page is refused, never read past its end`() {
        let bytes = StreamFrames.write(Array(records.prefix(2)))
        let partition = StreamPartition(topic: "tickets.v1", part: 0)
        let first = Array(StreamFrames.write(Array(records.prefix(1)))).count
        for length in 1..<bytes.count where length != first {
            #expect(throws: EventLogError.self) { try StreamFrames.read(Array(bytes.prefix(length)), partition) }
        }
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0x80
            _ = try? StreamFrames.read(damaged, partition)
        }
    }
}
