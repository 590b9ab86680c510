import Contracts
import EventLog
import Postgres
import TestKit
import Testing

@testable import Routing

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct JourneyTests {
    @Test func `one ticket goes from the report through the whistle and two departments to its evaluation`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "E99999", text: "有事")
            try await desk.hear([ticket])
            #expect(try await desk.file(ticket.ticket).serviceCase.state == .reported)
            #expect(try await desk.post(ticket.ticket, "accept", as: "community").status == 200)
            let whistle = #"{"kind":"tough","reason":"需要两个部门"}"#
            #expect(try await desk.post(ticket.ticket, "whistle", whistle, as: "community").status == 200)
            let dispatch = #"{"lead":"ludeng","coHandlers":["paishui"],"basis":"三定"}"#
            #expect(try await desk.post(ticket.ticket, "dispatch", dispatch, as: "street").status == 200)
            let calls = try await desk.payloads(DispatchCalled.self, of: ticket.ticket)
            #expect(calls.map(\.department.description) == ["ludeng", "paishui"])
            for call in calls {
                let department = call.department.description
                try await desk.feedback(FeedbackSigned(dispatch: call.dispatch, ticket: call.ticket), from: department)
                try await desk.feedback(FeedbackSigned(dispatch: call.dispatch, ticket: call.ticket), from: department)
                try await desk.feedback(
                    FeedbackCompleted(dispatch: call.dispatch, ticket: call.ticket, text: "修好了"), from: department)
            }
            #expect(try await desk.file(ticket.ticket).serviceCase.state == .answered)
            #expect(try await desk.post(ticket.ticket, "verify", #"{"accepted":true,"ending":"solved"}"#, as: "community").status == 200)
            try await desk.hear([
                EvaluationGiven(
                    evaluation: desk.ids.next(), ticket: ticket.ticket, number: ticket.number, work: ticket.ticket, by: .resident,
                    contacted: .yes,
                    solved: .yes, satisfied: .very, reasons: [], area: try #require(AreaCode("310106019001")))
            ])
            let said = try await desk.said(ticket.ticket)
            #expect(
                said == [
                    "cases.v1 case.opened.v1 1", "cases.v1 case.filed.v1 2", "cases.v1 case.whistled.v1 3",
                    "cases.v1 case.dispatched.v1 4", "dispatch.ludeng.v1 dispatch.called.v1 4", "dispatch.paishui.v1 dispatch.called.v1 4",
                    "cases.v1 case.signed.v1 5", "cases.v1 case.completed.v1 6", "cases.v1 case.signed.v1 7",
                    "cases.v1 case.completed.v1 8", "cases.v1 case.verified.v1 9", "cases.v1 case.closed.v1 10",
                    "dispatch.ludeng.v1 dispatch.closed.v1 10", "dispatch.paishui.v1 dispatch.closed.v1 10",
                    "cases.v1 case.evaluated.v1 11",
                ])
        }
    }

    @Test func `what the catalogue gives to departments is dispatched in the commit that opens the case`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "P01003")
            try await desk.hear([ticket])
            let serviceCase = try await desk.file(ticket.ticket).serviceCase
            #expect(serviceCase.state == .dispatched)
            let called = try await desk.payloads(DispatchCalled.self, of: ticket.ticket)
            #expect(called.map(\.department.description) == ["paishui", "shizheng"])
            #expect(called.first?.photos.first?.hasPrefix("http://shao.test/p/") == true)
            #expect(called.first?.place.lat != nil)
        }
    }

    @Test func `a group of five hundred tickets opens with one statement of each kind`() async throws {
        try await TestDesk.with { desk in
            let categories = Array(desk.city.categories.byCode.keys).sorted()
            let plates = Array(desk.city.directory.plates.keys).sorted()
            let tickets = try (1...500).map { number in
                try desk.ticket(number, plate: plates[number % plates.count], category: categories[number % categories.count].description)
            }
            try await desk.hear(tickets)
            #expect(try await desk.pool.query("SELECT count(*) FROM service_case", as: Int.self) == [500])
            let serviceCase = try await desk.file(tickets[250].ticket).serviceCase
            #expect(!serviceCase.clocks.isEmpty && serviceCase.version >= 1)
        }
    }
}
