import Contracts
import EventLoop
import FoundationEssentials
import JSON
import TestKit
import Testing

@testable import Analytics
@testable import EventLog

/// A case that its resident has evaluated is closed as well: no figure may lose it.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct `An evaluated case` {
    private func evaluated(_ life: Life) -> AnyEnvelope {
        var snapshot = life.snapshot
        snapshot.state = .evaluated
        snapshot.version += 1
        let event = CaseEvaluated(snapshot: snapshot, contacted: .yes, solved: .yes, satisfied: .very)
        return AnyEnvelope(
            id: EventID(UUID()), subject: event.subject, version: Int32(snapshot.version), time: life.moment(7), trace: nil,
            type: "case.evaluated.v1", body: event, payload: event.json)
    }

    @Test func `stays among the closed, in the rates and in the share that the community solved`() async throws {
        var life = try Life(1)
        life.open()
        try life.answer(after: 3)
        life.close(after: 5)
        life.evaluate(.yes, .very, after: 6)
        let events = life.streams.values.flatMap { $0 }
        try await Facts.database { pool in
            try await Facts.apply(events, to: pool)
            let reader = RateReader(pool: pool)
            let before = try await reader.table(.community, Street.days, .street, now: Street.now).total
            try await Facts.apply([evaluated(life)], to: pool)
            let overview = try await reader.overview([.community], Street.days, .street, now: Street.now)
            let total = try await reader.table(.community, Street.days, .street, now: Street.now).total
            #expect(total.solvedInCommunity == Proportion(count: 1, n: 1) && total.solvedInCommunity == before.solvedInCommunity)
            #expect(total.resolution == Proportion(count: 1, n: 1) && total.satisfaction == Proportion(count: 1, n: 1))
            #expect(total.response == Proportion(count: 1, n: 1) && total.open == 0 && overview.openNow == 0)
            #expect(overview.states.first { $0.state == .evaluated }?.tickets == 1)
        }
    }
}
