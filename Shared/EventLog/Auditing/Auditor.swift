import Synchronization
public import Telemetry

/// Owners' doors for audits. The real one is `RemoteStreams`.
public protocol HistoryJudge: Sendable {
    /// One verdict per cursor, in order. All cursors are of one owner.
    func judge(_ question: AuditQuestion) async throws -> [AuditVerdict]
}

/// Proves every few seconds that what was applied here is what the owners have, one hash per partition, and tells them how
/// far that is. A history that is not the owner's halts its partition and no other.
public final class Auditor: Sendable {
    private let name: String
    private let consumer: StreamConsumer
    private let judge: any HistoryJudge
    private let pace: any Pace
    private let log: Log
    private let equal: Gauge, different: Gauge, lastSuccess: Gauge
    private let now: @Sendable () -> Double
    private let silent = Mutex<Set<String>>([])

    private static let interval = Duration.seconds(5)

    /// - Parameters:
    ///   - name: under which the owners know this consumer; replicas share it.
    ///   - now: seconds since 1970, for the gauge.
    public init(
        _ name: String, consumer: StreamConsumer, judge: any HistoryJudge, pace: any Pace, log: Log, metrics: MetricsRegistry,
        now: @escaping @Sendable () -> Double
    ) {
        self.name = name
        self.consumer = consumer
        self.judge = judge
        self.pace = pace
        self.log = log
        self.now = now
        equal = metrics.gauge("shao_audit_equal", "Partitions whose history was the owner's at the last audit.")
        different = metrics.gauge("shao_audit_different", "Partitions whose history was not the owner's at the last audit.")
        lastSuccess = metrics.gauge("shao_audit_last_success_seconds", "When the last audit came that every owner answered, since 1970.")
    }

    /// Audits until cancelled. `also` runs beside each audit.
    public func run(also: @escaping @Sendable () async throws -> Void = {}) async {
        while !Task.isCancelled {
            do {
                try await audit()
                try await also()
            } catch is CancellationError {
                return
            } catch {
                log.notice("an audit was not possible, trying again", ["error": "\(error)"])
            }
            guard (try? await pace.pause(for: Self.interval)) != nil else { return }
        }
    }

    /// One audit of every partition. What is told to owners is on disk before: they may throw away what all have.
    func audit() async throws {
        let positions = try await consumer.store.settled(Set(consumer.partitions))
        let cursors = positions.cursors.map { AuditedCursor($0.key, $0.value) }
        let questions = Dictionary(grouping: cursors) { consumer.owner(of: $0.partition) ?? "" }
        let answers = await withTaskGroup { group in
            for (owner, cursors) in questions { group.addTask { await self.ask(owner, cursors) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var counts: [AuditVerdict: Int] = [:]
        for (cursor, verdict) in answers.flatMap({ $0 ?? [] }) {
            counts[verdict, default: 0] += 1
            if verdict.isDivergence { consumer.auditFailed(cursor, verdict) }
        }
        equal.set(Double(counts[.equal] ?? 0))
        different.set(Double((counts[.different] ?? 0) + (counts[.behind] ?? 0)))
        if !answers.contains(where: { $0 == nil }) { lastSuccess.set(now()) }
    }

    /// nil when the owner does not answer.
    private func ask(_ owner: String, _ cursors: [AuditedCursor]) async -> [(AuditedCursor, AuditVerdict)]? {
        do {
            let verdicts = try await judge.judge(AuditQuestion(consumer: name, cursors: cursors))
            guard verdicts.count == cursors.count else { throw EventLogError(.unreachable, "an answer of another length") }
            silent.withLock { _ = $0.remove(owner) }
            return Array(zip(cursors, verdicts))
        } catch {
            if silent.withLock({ $0.insert(owner).inserted }) {
                log.notice("an owner cannot be asked for its history", ["owner": .string(owner), "error": "\(error)"])
            }
            return nil
        }
    }
}

extension StreamConsumer {
    /// The owner says that this is not its history.
    func auditFailed(_ cursor: AuditedCursor, _ verdict: AuditVerdict) {
        guard !status.isHalted(cursor.partition) else { return }
        diverged(
            cursor.partition, at: cursor.cursor.seq,
            verdict == .behind ? "its owner has not come so far" : "its owner has another history there")
    }
}
