import Contracts
import Postgres
import TestKit
import Testing

@testable import Notification

/// Those whose tickets were merged into a case are told what becomes of it.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "SHAO_TEST_POSTGRES names no scratch server"))
struct JoinedTests {
    private static let other = Samples.id(TicketID.self, "0198c0de-0000-7000-8000-000000000002")

    private func closed() throws -> CaseClosed {
        var event = Samples.closed()
        let number = try #require(TicketNumber(day: ChineseDay(daysSince1970: 20_778), sequence: 124))
        event.snapshot.joined = [JoinedTicket(ticket: Self.other, number: number)]
        return event
    }

    @Test func `the closing is told to each reporter, by their own ticket`() async throws {
        try await World.with(recipients: "{}") { world in
            try await world.hear(closed())
            let rows = try await world.pool.query(
                "SELECT concat_ws(' ', ticket, lane, template) AS row FROM delivery WHERE audience = 'resident' ORDER BY pos",
                as: String.self)
            #expect(
                rows == [
                    "\(Samples.ticket) resident/\(Samples.ticket) closed", "\(Self.other) resident/\(Self.other) closed",
                ])
            var kept = CaseKept(snapshot: Samples.called, reason: "不用了")
            kept.snapshot.joined = try closed().snapshot.joined
            try await world.hear(kept)
            let told = try await world.pool.query(
                "SELECT count(*) FROM delivery WHERE ticket = \(Self.other)", as: Int.self)
            #expect(told == [1], "another's wish to withdraw is not told")
        }
    }

    @Test func `the number in the words is the one that the reader knows`() throws {
        let event = try closed()
        let addresses = Addresses(status: "s", evaluate: "e", desk: "d")
        func number(_ ticket: TicketID?) -> String {
            Facts(event, template: .closed, language: .zhHans, names: Names(), street: "彩虹街道", addresses: addresses, ticket: ticket)[
                .number]
        }
        #expect(number(Samples.ticket) == event.snapshot.number.description && number(nil) == event.snapshot.number.description)
        #expect(number(Self.other) == event.snapshot.joined.first?.number.description)
    }
}
