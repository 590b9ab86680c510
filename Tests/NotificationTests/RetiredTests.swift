import Contracts
import FoundationEssentials
import JSON
import Postgres
import TestKit
import Testing

@testable import EventLog
@testable import Notification

@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct RetiredTests {
    private func hear(_ world: World, _ events: [(any DirectoryEvent, version: Int32)]) async throws {
        try await world.pool.transaction { transaction in
            for (event, version) in events {
                let committed = CommittedEvent(
                    topic: Topics.directory.name, part: 0, subject: event.subject, version: version, id: UUID(),
                    type: "\(type(of: event).type).v1", time: Timestamp(milliseconds: 0), payload: event.json)
                for subscription in Subscriptions(projections).byType[committed.type] ?? [] {
                    try await subscription.apply([committed], &transaction)
                }
            }
        }
    }

    @Test func `a retired organisation is none for the file of recipients, and keeps its name for what is still told of it`() async throws {
        try await World.with { world in
            let (area, unit) = (try #require(AreaCode("310106019001")), try #require(DepartmentCode("light")))
            func known() async throws -> Set<String> { Set(try await world.pool.query(NameQueries.organisations, as: String.self)) }
            func name(_ code: String) async throws -> [String] {
                try await world.pool.query(NameQueries.names([code]), as: KnownName.self).map(\.name)
            }
            let registered = DepartmentRegistered(department: unit, name: "路灯所")
            try await hear(world, [(AreaRegistered(area: area, level: .community, name: "云桥社区"), 7), (registered, 7)])
            let before = try await known()
            #expect(before.isSuperset(of: ["light", "310106019001"]))
            try await hear(world, [(DepartmentRetired(department: unit), 8), (AreaRetired(area: area), 8)])
            #expect(try await known() == before.subtracting(["light", "310106019001"]))
            #expect(try await name("light") == ["路灯所"])
            try await hear(world, [(registered, 7)])
            #expect(try await !known().contains("light"), "an older word changes nothing")
            try await hear(world, [(DepartmentRegistered(department: unit, name: "照明所"), 9)])
            #expect(try await known().contains("light"))
            #expect(try await name("light") == ["照明所"])
        }
    }
}
