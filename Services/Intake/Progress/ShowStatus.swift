import Contracts
import EventLog
import HTTP
import Pages
import Postgres
import ServiceKit

/// `GET /s/<token>`: the ticket as its reporter sees it, step by step; with `?new=1` first the receipt.
struct ShowStatus: Sendable {
    let pool: PostgresPool
    let plates: PlateBook
    let links: PrivateLinks
    let site: Site

    func show(_ request: HTTPRequest) async throws -> HTTPResponse {
        let token = try request.pathParameter("token")
        guard let id = links.open(.status, token: token, as: TicketID.self),
            let ticket = try await pool.query(TicketQueries.ticket(id), as: TicketView.self).first
        else { throw Problem.notFound("This link opens nothing.") }
        let visit = try site.visit(request)
        let place = visit(try await place(of: ticket))
        if try request.query("new") != nil {
            let receipt = ResultPage(
                number: ticket.number, link: links.page(.status, id),
                answerDue: ticket.submittedAt.adding(.seconds(15 * 3600)).milliseconds, plateCode: ticket.plate, placeName: place,
                address: site.address(links.page(.status, id)))
            return site.page(receipt.html(for: visit), for: visit)
        }
        let names = try await UnitNames(pool: pool)
        let steps = try await pool.query(ProgressQueries.steps(id), as: ProgressStep.self)
        var story = ProgressStory(ticket: ticket, steps: steps, names: names, links: links)
        story.numbers = try await numbers(of: story.mergedInto)
        return site.page(story.page(placeName: place).html(for: visit), for: visit)
    }

    private func numbers(of tickets: [TicketID]) async throws -> [TicketID: String] {
        if tickets.isEmpty { return [:] }
        let pairs = try await pool.query(TicketQueries.numbers(of: tickets)) { row in
            (try row["id"] as TicketID, try row["number"] as String)
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    private func place(of ticket: TicketView) async throws -> Text {
        if let code = ticket.plate.flatMap({ PlateCode($0) }), let plate = try await plates.find(code) {
            return Text(verbatim: plate.name)
        }
        return ticket.plate.map { Text(verbatim: $0) } ?? (ticket.lat == nil ? .placeUnknown : .pointOnMap)
    }
}

/// Names of communities and departments by code.
struct UnitNames: Sendable {
    private let names: [String: String]

    init(pool: PostgresPool) async throws {
        var known: [(String, String)] = []
        for table in [PlateQueries.Names.area, .department] {
            known += try await pool.query(PlateQueries.names(in: table)) { row in (try row["code"], try row["name"]) }
        }
        names = Dictionary(known, uniquingKeysWith: { first, _ in first })
    }

    /// nil for a code that the directory has not told yet: a page says nothing rather than a code.
    subscript(code: String?) -> String? { code.flatMap { names[$0] } }
}
