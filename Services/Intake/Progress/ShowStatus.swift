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
    let clock: any Timekeeper

    func show(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let id = links.open(.status, token: try request.pathParameter("token"), as: TicketID.self) else {
            throw Problem.notFound("This link opens nothing.")
        }
        let ticket = try await ticket(id)
        if try request.query("new") != nil {
            let visit = try site.visit(request)
            let place = visit(try await place(of: ticket))
            var receipt = ResultPage(
                number: ticket.number, link: links.page(.status, id),
                answerDue: ticket.submittedAt.adding(.seconds(15 * 3600)).milliseconds, plateCode: ticket.plate, placeName: place,
                address: site.address(links.page(.status, id)))
            receipt.phoneNotice = try request.query("phone").flatMap { TelephoneNumber.Kind(rawValue: $0) }?.notice
            return site.page(receipt.html(for: visit), for: visit)
        }
        return try await show(ticket, request)
    }

    /// The page as the ticket stands now, with a request for review that was not taken, and why.
    func show(_ id: TicketID, _ request: HTTPRequest, typed: StatusPage.TypedReview, status: HTTPStatus) async throws -> HTTPResponse {
        try await show(try await ticket(id), request, typed: typed, status: status)
    }

    private func show(
        _ ticket: TicketView, _ request: HTTPRequest, typed: StatusPage.TypedReview? = nil, status: HTTPStatus = .ok
    ) async throws -> HTTPResponse {
        let id = ticket.id
        var visit = try site.visit(request)
        // Also where a form's own address was asked for, which answers no GET.
        visit.path = links.path(.status, id)
        let place = visit(try await place(of: ticket))
        let steps = try await pool.query(ProgressQueries.steps(id), as: ProgressStep.self)
        let shared = try await pool.query(ProgressQueries.steps(ofTargetOf: steps), as: ProgressStep.self)
        let asked = try await pool.query(ReviewQueries.last(id), as: Review.self).first?.refusal
        let names = try await UnitNames(pool: pool, of: steps + shared, ticket.snapshot)
        var story = StatusTimeline(ticket: ticket, steps: steps, names: names, links: links, sharedSteps: shared)
        story.review = ReviewWindow(steps: shared.isEmpty ? steps : shared, asked: asked, now: clock.now())
        story.numbers = try await numbers(of: story.mergedInto)
        var page = story.page(placeName: place)
        page.typedReview = typed
        return site.page(page.html(for: visit), for: visit, status: status)
    }

    private func ticket(_ id: TicketID) async throws -> TicketView {
        guard let ticket = try await pool.query(TicketQueries.ticket(id), as: TicketView.self).first else {
            throw Problem.notFound("This link opens nothing.")
        }
        return ticket
    }

    private func numbers(of tickets: [TicketID]) async throws -> [TicketID: String] {
        if tickets.isEmpty { return [:] }
        let pairs = try await pool.query(TicketQueries.numbers(of: tickets)) { row in
            (try row["id"] as TicketID, try row["number"] as String)
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    private func place(of ticket: TicketView) async throws -> Text {
        if let code = ticket.plate.flatMap({ PlateCode($0) }), let name = try await plates.name(of: code) {
            return Text(verbatim: name)
        }
        return ticket.plate.map { Text(verbatim: $0) } ?? (ticket.lat == nil ? .placeUnknown : .pointOnMap)
    }
}
