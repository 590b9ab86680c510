import Contracts
import Telemetry

/// Before a lead publishes: whether the broker still has what it acknowledged.
extension Publisher {
    /// Takes over, looks at the broker, and notes what it has lost: a whole cluster's worth in the state, single partitions in
    /// their positions.
    func prepare(_ session: any PublisherSession, _ sink: any RecordSink) async throws -> SharedPublisherState {
        let state = try await session.begin()
        // The database may have been restored since: what was handed over before may be of a history that it has lost.
        forgetPending()
        CrashPoint.pass(.publisherAfterLead)
        var positions = keptPositions(after: state.lead)
        if positions == nil { positions = BrokerPositions(try await session.positions()) }
        let shared = SharedPublisherState(state, positions ?? BrokerPositions(), held: try await session.held())
        let last = try await session.lastSeqs(upTo: state.acknowledged)
        var cluster = try await answer(of: sink, session)
        let wanted = topics.map(\.name).filter { !cluster.topics.contains($0) }
        let lost = Set(last.keys.map(\.topic)).subtracting(cluster.topics)
        if !wanted.isEmpty || !lost.isEmpty {
            if !isAnother(cluster, than: state) {
                // Written down first: a topic that was made and filled with a little looks like one that has lost its end.
                for (partition, seq) in last where lost.contains(partition.topic) {
                    shared.withPositions { $0.markLost(partition, upTo: seq) }
                }
                try await shared.savePositions(session)
            }
            await make(lost.union(wanted), sink)
            cluster = try await answer(of: sink, session)
        }
        if isAnother(cluster, than: state), let id = cluster.id {
            try await beginRefill(shared, session, cluster: id)
            // Where the new one begins: of what it is sent without receipts, this much is missing if it never arrives.
            for (partition, end) in try await sink.ends(of: last.keys.filter { cluster.topics.contains($0.topic) }) {
                shared.withPositions { $0.find(partition, seq: 0, end: end) }
            }
        } else {
            shared.withPositions { $0.catchUp(with: last) }
            try await compare(shared, sink, last, lost, cluster)
            shared.state.clusterID = cluster.id ?? state.clusterID
        }
        try await shared.save(session)
        try await shared.savePositions(session)
        return shared
    }

    private func isAnother(_ cluster: BrokerCluster, than state: PublisherState) -> Bool {
        guard let before = state.clusterID, let id = cluster.id else { return false }
        return before != id && state.acknowledged > 0
    }

    /// Which cluster there is; waits for one to be there, holding the lead.
    private func answer(of sink: any RecordSink, _ session: any PublisherSession) async throws -> BrokerCluster {
        while true {
            do {
                let cluster = try await sink.cluster()
                return cluster
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                if Task.isCancelled { throw CancellationError() }
                log.debug("no broker answers", ["error": "\(error)"])
                noteLag(error)
            }
            try await session.keep()
            try await pace.pause(for: .milliseconds(250))
        }
    }

    /// Not allowed, or not possible (the embedded broker's topics are made by whoever starts it): then somebody else must.
    func make(_ names: Set<String>, _ sink: any RecordSink) async {
        let specs = names.sorted().compactMap { name in topics.first { $0.name == name } ?? Topics.named(name) }
        do {
            try await sink.create(specs)
            log.notice("topics were made", ["topics": .string(specs.map(\.name).joined(separator: " "))])
        } catch {
            log.warning(
                "topics are missing and could not be made",
                ["topics": .string(names.sorted().joined(separator: " ")), "error": "\(error)"])
        }
    }

    private func beginRefill(_ shared: SharedPublisherState, _ session: any PublisherSession, cluster id: String) async throws {
        var state = shared.state
        let longest = topics.map(\.retention).max() ?? .zero
        let oldest = clock.now().adding(milliseconds: -max(longest, Self.shortestRefill).wholeMilliseconds)
        let first = try await session.position(of: oldest, before: state.acknowledged)
        log.notice(
            "another cluster answers: it is filled again from the stream",
            ["before": .string(state.clusterID ?? ""), "now": .string(id), "records": .int(state.acknowledged - first + 1)])
        refills.cluster.add()
        state.refillTo = max(state.refillTo, state.acknowledged)
        state.acknowledged = min(state.acknowledged, first - 1)
        state.clusterID = id
        shared.state = state
        shared.withPositions { $0.forget() }
    }

    /// What the same cluster has lost of single partitions: topics that were made anew, ends before what was acknowledged.
    private func compare(
        _ shared: SharedPublisherState, _ sink: any RecordSink, _ last: [StreamPartition: Int64], _ lost: Set<String>,
        _ cluster: BrokerCluster
    ) async throws {
        for (partition, seq) in last where lost.contains(partition.topic) {
            shared.withPositions { $0.markLost(partition, upTo: seq) }
        }
        if !lost.isEmpty { refills.topic.add(lost.count) }
        let there = last.filter { cluster.topics.contains($0.key.topic) && !lost.contains($0.key.topic) }
        let expected = shared.withPositions { $0.expectations.filter { there[$0.key] != nil } }
        let ends = try await sink.ends(of: Array(there.keys))
        let short = shared.withPositions { positions in
            var short = positions.compare(ends, with: expected.mapValues { $0.certain })
            for (partition, seq) in there where expected[partition] == nil {
                guard let end = ends[partition] else { continue }
                if end == 0 {
                    positions.markLost(partition, upTo: seq)
                    short.append(partition)
                } else {
                    positions.find(partition, seq: seq, end: end)
                }
            }
            return short
        }
        if !short.isEmpty { refills.truncated.add(short.count) }
    }

    /// While a lead publishes: every two seconds, whether the broker is still what it was. What it finds ends the sink, and
    /// with it the lead; so does what keeps it from watching, but for a broker that does not answer.
    func watch(_ shared: SharedPublisherState, _ session: any PublisherSession, _ sink: any RecordSink) async throws {
        while true {
            for _ in 0..<2 {
                try await pace.pause(for: .seconds(1))
                try await session.keep()
            }
            try await shared.savePositions(session)
            do {
                try await look(shared, sink)
            } catch let trouble as BrokerTrouble {
                shared.report(trouble)
                await sink.close(drainingFor: .zero)
                throw trouble
            } catch {
                if Task.isCancelled { throw CancellationError() }
                log.debug("the broker could not be looked at", ["error": "\(error)"])
            }
        }
    }

    private func look(_ shared: SharedPublisherState, _ sink: any RecordSink) async throws {
        // Taken before the broker is asked: it must show at least this.
        let (expected, filled) = shared.withPositions { ($0.expectations, $0.filledTopics) }
        let cluster = try await sink.cluster()
        if let before = shared.state.clusterID, let id = cluster.id, before != id {
            throw BrokerTrouble(reason: "cluster", detail: "another cluster answers: \(id)")
        }
        // A topic that has nothing of ours cannot have lost it.
        let missing = filled.subtracting(cluster.topics)
        if !missing.isEmpty {
            throw BrokerTrouble(reason: "topic", detail: "topics are gone: \(missing.sorted().joined(separator: " "))")
        }
        let ends = try await sink.ends(of: expected.keys.filter { cluster.topics.contains($0.topic) })
        let short = shared.withPositions { $0.compare(ends, with: expected) }
        if !short.isEmpty {
            refills.truncated.add(short.count)
            throw BrokerTrouble(reason: "truncated", detail: "the broker has lost the end of \(short.count) partitions")
        }
    }
}

extension BrokerPositions.Expectation {
    /// At the beginning of a lead nothing is on the way any more.
    var certain: Self { Self(seq: seq, nextOffset: nextOffset, unproven: unproven, isCertain: true) }
}
