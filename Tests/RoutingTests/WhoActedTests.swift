import Contracts
import Postgres
import TestKit
import Testing

@testable import Routing

/// Every step of a case names who took it: role and unit, and the person by id, on Kafka and on the case's course.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct WhoActedTests {
    @Test func `each event says who took the step, a person by id and a program by its unit alone`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "E99999", text: "灯杆上的线垂下来了")
            try await desk.hear([ticket])
            let id = ticket.ticket
            try await desk.submit(id, "accept", as: "community")
            try await desk.submit(id, "whistle", ["kind": ["daily"], "reason": ["要部门"]], as: "community")
            try await desk.submit(id, "dispatch", ["lead": ["ludeng"], "basis": ["三定"]], as: "street")
            let call = try #require(try await desk.payloads(DispatchCalled.self, of: id).first)
            try await desk.feedback(FeedbackSigned(dispatch: call.dispatch, ticket: id), from: "ludeng")
            let person = try #require(PersonID(TestDesk.streetPerson))
            let (community, street) = (try #require(AreaCode("310106019001")), try #require(AreaCode("310106019000")))
            let wanted = [
                Actor.catalogue, Actor(.community(community)), Actor(.community(community)), Actor(.street(street), person: person),
                Actor(.department(call.department)),
            ]
            let events = try await desk.pool.query(
                "SELECT type, payload FROM outbox WHERE topic = 'cases.v1' AND subject = \(id.description) ORDER BY id"
            ) { row in
                (try row["type"] as String, try row["payload"] as [UInt8])
            }
            let said = try events.map { type, payload in
                try #require(try EventRegistry.kind(of: type)?.decode(payload) as? any CaseEvent)
            }
            #expect(said.map(\.by) == wanted)
            #expect(said.allSatisfy { $0.snapshot.city.description == "310000000000" && $0.snapshot.street == street })
            #expect(!events.contains { String(decoding: $0.1, as: UTF8.self).contains("\"street\":\"street\"") }, "the name stays here")
            let notes = try await desk.pool.query(NoteQueries.all(of: id), as: CaseNote.self)
            #expect(notes.map(\.person) == [nil, nil, person, nil])
            #expect(try await desk.file(id).serviceCase.changedBy == wanted.last)
        }
    }

    @Test func `a merged case says into which, until it is on its own again`() async throws {
        try await TestDesk.with { desk in
            let target = try await desk.put([], 1)
            let merged = try await desk.put([], 2)
            let number = try await desk.file(target).serviceCase.number.description
            try await desk.submit(merged, "merge", ["into": [number]], as: "community")
            #expect(try await desk.payloads(CaseMerged.self, of: merged).map(\.snapshot.mergedInto) == [target])
            try await desk.submit(merged, "reopen", ["reason": ["不是同一件事"]], as: "street")
            #expect(try await desk.payloads(CaseReopened.self, of: merged).map(\.snapshot.mergedInto) == [nil])
        }
    }

    /// The evaluation was filed while the ticket was part of the other case; when routing hears of it, it no longer is.
    @Test func `a "not solved" is about the work that was evaluated, wherever the ticket belongs by then`() async throws {
        try await TestDesk.with { desk in
            let target = try await desk.put([], 1)
            let merged = try await desk.put([], 2)
            let file = try await desk.file(target).serviceCase
            try await desk.submit(merged, "merge", ["into": [file.number.description]], as: "community")
            try await desk.submit(target, "accept", as: "community")
            try await desk.submit(target, "answer", ["ending": ["solved"], "text": ["换了灯"]], as: "community")
            try await desk.submit(target, "verify", ["accepted": ["yes"]], as: "community")
            try await desk.submit(merged, "reopen", ["reason": ["不是同一件事"]], as: "street")
            try await desk.hear([
                EvaluationGiven(
                    evaluation: desk.ids.next(), ticket: merged, number: try await desk.file(merged).serviceCase.number, work: target,
                    by: .resident, contacted: .yes, solved: .no, satisfied: .no, reasons: [],
                    area: try #require(AreaCode("310106019001")))
            ])
            #expect(try await desk.file(target).serviceCase.state == .filed)
            #expect(try await desk.file(merged).serviceCase.state == .reported)
        }
    }
}
