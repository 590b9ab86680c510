import EventLoop

/// Folds the owners' streams into a shadow, up to given positions and not one event further.
///
/// Partitions with the same number go together, of every topic a page in proportion: what is about one subject comes at about
/// the same time, so a fold writes its row fewer times. Lanes work side by side, each on partitions of its own, and each reads its
/// next pages while the ones before are being applied.
struct ShadowLoader: Sendable {
    let shadow: Shadow
    let owners: any StreamSource
    let hash: StreamHash
    let loop: EventLoop
    let lanes: Int
    /// Events of one transaction.
    let batch: Int
    /// Told of every batch.
    let applied: @Sendable (Int) -> Void

    /// Of one page or one transaction, with growing pauses: half a minute, in which a killed owner or server is back.
    static let retries = 11

    /// Throws `.diverged` when an owner's stream is not the history that the live tables have applied.
    func load(from before: [StreamPartition: Cursor], to aim: Aim) async throws -> [StreamPartition: Cursor] {
        let work = LaneWork.divide(from: before, to: aim.cursors, lanes: lanes, batch: batch)
        return try await withThrowingTaskGroup(of: [StreamPartition: Cursor].self) { group in
            for lane in work { group.addTask { try await run(lane, without: aim.absent) } }
            var after = before
            for try await cursors in group { after.merge(cursors) { _, new in new } }
            for (partition, wanted) in aim.cursors
            where after[partition]?.seq ?? 0 != wanted.seq || after[partition]?.hash ?? StreamHash.empty != wanted.hash {
                throw EventLogError(
                    .diverged, "\(partition.topic)/\(partition.part) at \(wanted.seq): the live cursor's history is not the owner's")
            }
            return after
        }
    }

    private func run(_ lane: LaneWork, without absent: Set<Aim.Place>) async throws -> [StreamPartition: Cursor] {
        var lane = lane
        var cursors = lane.cursors
        guard let first = lane.next() else { return cursors }
        var page = try await fetch(first)
        while true {
            let following = lane.next()
            async let ahead = fetch(following ?? [])
            cursors = try await apply(page, cursors, without: absent)
            guard following != nil else { return cursors }
            page = try await ahead
        }
    }

    private func fetch(_ slices: [Slice]) async throws -> [StreamRecord] {
        var records: [StreamRecord] = []
        records.reserveCapacity(slices.reduce(0) { $0 + $1.count })
        for slice in slices { records += try await fetch(slice) }
        return records
    }

    /// All of a slice: an owner may answer fewer at once.
    private func fetch(_ slice: Slice) async throws -> [StreamRecord] {
        var records: [StreamRecord] = []
        var backOff = BackOff(LoopPace(loop))
        var failures = 0
        while records.count < slice.count {
            do {
                let from = slice.from + Int64(records.count)
                let more = try await owners.records(slice.partition, from: from, limit: slice.count - records.count)
                guard let first = more.first, first.seq == from else {
                    throw EventLogError(.unreachable, "the owner of \(slice.partition.topic) has nothing at \(from)")
                }
                records += more.prefix(slice.count - records.count)
            } catch {
                failures += 1
                if error is CancellationError || failures > Self.retries { throw error }
                try await backOff.pause()
            }
        }
        return records
    }

    /// One transaction: cursors and effects. A connection lost around its COMMIT leaves open whether it happened: the cursors tell.
    private func apply(
        _ records: [StreamRecord], _ before: [StreamPartition: Cursor], without absent: Set<Aim.Place>
    ) async throws -> [StreamPartition: Cursor] {
        var positions = ConsumerPositions(cursors: before)
        var failures = 0
        var backOff = BackOff(LoopPace(loop))
        while true {
            let sorted = SortedBatch(records, at: positions.cursors, without: [], hash: hash)
            if let (partition, rest) = sorted.doubtful.first {
                throw EventLogError(
                    .diverged, "\(partition.topic)/\(partition.part) at \(rest.first?.seq ?? 0): the owner's stream is not one history")
            }
            let step = ApplyStep(sorted.next, at: positions)
            do {
                if !step.records.isEmpty { try await shadow.apply(step, without: absent) }
                applied(step.records.count)
                return positions.cursors.merging(step.moves.map { ($0.partition, $0.after) }) { _, new in new }
            } catch  where FailureClass(of: error) != .lasting && !(error is CancellationError) && failures < Self.retries {
                failures += 1
                try await backOff.pause()
                positions.cursors.merge(try await shadow.reached().filter { before[$0.key] != nil }) { _, new in new }
            }
        }
    }
}

/// Some consecutive records of a partition.
struct Slice: Sendable, Equatable {
    let partition: StreamPartition
    let from: Int64
    let count: Int
}

/// What one lane still has to read; pure.
struct LaneWork: Sendable {
    let cursors: [StreamPartition: Cursor]
    private let batch: Int
    private var begin: [StreamPartition: Int64]
    private let last: [StreamPartition: Int64]
    private let parts: [Int32]
    private var turn = 0

    /// Partitions of one number stay in one lane: their subjects are the same, and two lanes would wait for each other's rows.
    static func divide(
        from before: [StreamPartition: Cursor], to target: [StreamPartition: Cursor], lanes: Int, batch: Int
    ) -> [LaneWork] {
        let lanes = Int32(clamping: max(1, lanes))
        return (0..<lanes).map { lane in
            LaneWork(target.filter { $0.key.part % lanes == lane }, before, max(1, batch))
        }
    }

    private init(_ target: [StreamPartition: Cursor], _ before: [StreamPartition: Cursor], _ batch: Int) {
        self.batch = batch
        cursors = Dictionary(uniqueKeysWithValues: target.keys.map { ($0, before[$0] ?? .start) })
        begin = cursors.mapValues { $0.seq + 1 }
        last = target.mapValues(\.seq)
        parts = Set(target.keys.map(\.part)).sorted()
    }

    /// About `batch` records of one partition number; nil when all is read.
    mutating func next() -> [Slice]? {
        for _ in parts {
            let part = parts[turn % parts.count]
            turn += 1
            let slices = slices(of: part)
            if !slices.isEmpty { return slices }
        }
        return nil
    }

    private mutating func slices(of part: Int32) -> [Slice] {
        let open = begin.filter { $0.key.part == part && $0.value <= last[$0.key] ?? 0 }
            .map { (partition: $0.key, from: $0.value, rest: (last[$0.key] ?? 0) - $0.value + 1) }
            .sorted { $0.partition.topic < $1.partition.topic }
        let all = open.reduce(0) { $0 + $1.rest }
        return open.map { partition, from, rest in
            let share = all <= Int64(batch) ? rest : min(rest, max(1, rest * Int64(batch) / all))
            begin[partition] = from + share
            return Slice(partition: partition, from: from, count: Int(clamping: share))
        }
    }
}
