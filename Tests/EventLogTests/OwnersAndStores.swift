import EventLoop
import Synchronization

@testable import EventLog

/// Counts looks.
final class CountingSource: StreamSource {
    private let source: any StreamSource
    private let counts = Mutex((looks: 0, most: 0, reads: 0))
    var reads: Int { counts.withLock { $0.reads } }
    var looks: Int { counts.withLock { $0.looks } }
    var mostTopicsAtOnce: Int { counts.withLock { $0.most } }

    init(_ source: any StreamSource) { self.source = source }

    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        counts.withLock { $0.reads += 1 }
        return try await source.records(partition, from: seq, limit: limit)
    }
    func heads(of topics: [String]) async throws -> [StreamHead] {
        counts.withLock { ($0.looks, $0.most) = ($0.looks + 1, max($0.most, topics.count)) }
        return try await source.heads(of: topics)
    }
}

/// An owner whose history grows.
final class GrowingSource: StreamSource {
    private let all: [StreamRecord]
    private let count = Mutex(0)

    init(_ all: [StreamRecord]) { self.all = all }

    func grow(to count: Int) { self.count.withLock { $0 = count } }
    private var now: FixedSource { FixedSource(all: Array(all.prefix(count.withLock { $0 }))) }

    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        try await now.records(partition, from: seq, limit: limit)
    }
    func heads(of topics: [String]) async throws -> [StreamHead] { try await now.heads(of: topics) }
}

/// An owner that takes the connection and never answers, as a stopped process does.
struct HangingSource: StreamSource {
    func records(_ partition: StreamPartition, from seq: Int64, limit: Int) async throws -> [StreamRecord] {
        try await Signal().wait(until: .now + .seconds(20))
        throw EventLogError(.unreachable, "no answer")
    }
    func heads(of topics: [String]) async throws -> [StreamHead] {
        try await Signal().wait(until: .now + .seconds(20))
        throw EventLogError(.unreachable, "no answer")
    }
}

/// A database that cannot be read until it is repaired.
final class BrokenStore: ConsumerStore {
    private let store: any ConsumerStore
    private let isBroken = Mutex(true)

    init(_ store: any ConsumerStore) { self.store = store }

    func repair() { isBroken.withLock { $0 = false } }
    func open(_ partitions: [StreamPartition]) async throws { try await store.open(partitions) }
    func load(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions {
        if isBroken.withLock({ $0 }) { throw EventLogError(.unreachable, "no database") }
        return try await store.load(partitions)
    }
    func apply(_ step: ApplyStep) async throws -> ApplyOutcome { try await store.apply(step) }
    func settled(_ partitions: Set<StreamPartition>) async throws -> ConsumerPositions { try await store.settled(partitions) }
}
