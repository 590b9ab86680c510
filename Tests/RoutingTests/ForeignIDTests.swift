import Contracts
import EventLog
import ServiceKit
import TestKit
import Testing

@testable import Routing

/// Ids in bodies: each must be of the case that is acted on, or of something that the asker sees.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct `Ids that are somebody else's` {
    @Test func `an answer shows photos of its own case and of no other`() async throws {
        try await TestDesk.with { desk in
            let own = try await desk.put(try desk.way(to: .filed, desk.ids.next()), 1)
            let other = try await desk.put([], 2)
            let ownPhoto = try #require(try await desk.file(own).report.photos.first)
            let otherPhoto = try #require(try await desk.file(other).report.photos.first)
            let before = try await desk.said(own)
            for foreign in ["\(otherPhoto)", "\(desk.ids.next(PhotoID.self))", "\(ownPhoto)\",\"\(otherPhoto)"] {
                let refused = try await desk.post(
                    own, "answer", #"{"text":"已处理","ending":"solved","photos":["\#(foreign)"]}"#, as: "community")
                #expect(refused.status == 422 && refused.text.contains("no-such-photo"), "\(refused.text)")
            }
            #expect(try await desk.said(own) == before)
            let taken = try await desk.post(
                own, "answer", #"{"text":"已处理","ending":"solved","photos":["\#(ownPhoto)"]}"#, as: "community")
            #expect(taken.status == 200)
            #expect(try await desk.payloads(CaseAnswered.self, of: own).map(\.photos) == [[ownPhoto]])
        }
    }

    @Test func `a department's completion shows photos of its own ticket and of no other`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "P01003")
            try await desk.hear([ticket])
            let call = try #require(try await desk.payloads(DispatchCalled.self, of: ticket.ticket).first)
            try await desk.feedback(FeedbackSigned(dispatch: call.dispatch, ticket: call.ticket), from: "paishui")
            let foreign = FeedbackCompleted(dispatch: call.dispatch, ticket: call.ticket, text: "好了", photos: [desk.ids.next()])
            await #expect { try await desk.feedback(foreign, from: "paishui") } throws: { ($0 as? ForeignRefusal)?.code == "no-such-photo" }
            let own = FeedbackCompleted(dispatch: call.dispatch, ticket: call.ticket, text: "好了", photos: ticket.photos)
            try await desk.feedback(own, from: "paishui")
            #expect(try await desk.payloads(CaseCompleted.self, of: ticket.ticket).map(\.photos) == [ticket.photos])
        }
    }

    @Test func `a case is merged only into one that the same unit sees, by id and by number`() async throws {
        try await TestDesk.with { desk in
            let own = try await desk.put([], 1)
            let other = try await desk.put([], 2)
            let number = try await desk.file(other).serviceCase.number
            // The neighbour sees neither; of the unit that sees both the same is taken.
            #expect(try await desk.post(own, "merge", #"{"into":"\#(other)"}"#, as: "neighbour").status == 404)
            #expect(try await desk.post(own, "merge", #"{"into":"\#(desk.ids.next(TicketID.self))"}"#, as: "community").status == 422)
            #expect(!number.description.isEmpty)
            #expect(try await desk.post(own, "merge", #"{"into":"\#(other)"}"#, as: "community").status == 200)
        }
    }

    @Test func `a dispute of another case is not decided with this one`() async throws {
        try await TestDesk.with { desk in
            let own = try await desk.put(try desk.way(to: .disputed, desk.ids.next()), 1)
            let other = try await desk.put(try desk.way(to: .disputed, desk.ids.next()), 2)
            let foreign = try #require(try await desk.file(other).serviceCase.dispatches.first).id
            let refused = try await desk.post(own, "adjudicate", #"{"dispatch":"\#(foreign)","verdict":"uphold"}"#, as: "street")
            #expect(refused.status == 409, "\(refused.text)")
            #expect(try await desk.file(other).serviceCase.openDisputes.count == 1)
        }
    }

    @Test func `units that the city does not have are not called`() async throws {
        try await TestDesk.with { desk in
            let own = try await desk.put(try desk.way(to: .whistled, desk.ids.next()), 1)
            for body in [#"{"lead":"nosuch","basis":"三定"}"#, #"{"lead":"ludeng","coHandlers":["nosuch"],"basis":"三定"}"#] {
                let refused = try await desk.post(own, "dispatch", body, as: "street")
                #expect(refused.status == 409 || refused.status == 422, "\(refused.text)")
            }
            #expect(try await desk.payloads(DispatchCalled.self, of: own) == [])
        }
    }

    @Test func `photo addresses in a call are bound to its ticket and end`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "P01003")
            try await desk.hear([ticket])
            let call = try #require(try await desk.payloads(DispatchCalled.self, of: ticket.ticket).first)
            let token = String(try #require(call.photos.first?.split(separator: "/").last))
            let opened = try #require(desk.links.openPhoto(token, at: desk.clock.now()))
            #expect(opened.photo == ticket.photos.first && opened.ticket == ticket.ticket)
            let end = try #require(opened.end)
            #expect(end > call.due.handle && desk.links.openPhoto(token, at: end) == nil)
        }
    }
}
