import Contracts
import HTTP
import JSON
import Postgres
import ServiceKit

/// `GET /v1/deliveries?ticket=…` and `GET /v1/deliveries/{id}`: what was said to whom about a ticket, for the staff of the place.
struct ShowDeliveries: Sendable {
    let pool: PostgresPool
    let staff: StaffDirectory
    let book: RecipientBook

    func list(_ request: HTTPRequest) async throws -> HTTPResponse {
        let member = try staff.authenticate(request, as: .community, .street, .district)
        guard let ticket = try request.query("ticket", { TicketID($0) }) else {
            throw Problem(400, "bad-query", detail: "ticket is missing or not valid")
        }
        // Another community's ticket looks like one that nobody was told about.
        let deliveries = try await pool.query(DeliveryQueries.ofTicket(ticket), as: DeliveryView.self)
            .filter { member.mayRead($0) }.map(masked)
        return .json(DeliveryList(deliveries: deliveries)).with("cache-control", "no-store")
    }

    func one(_ request: HTTPRequest) async throws -> HTTPResponse {
        let member = try staff.authenticate(request, as: .community, .street, .district)
        return .json(try await view(request, for: member)).with("cache-control", "no-store")
    }

    /// The delivery with its attempts. Throws 404 for another place's.
    func view(_ request: HTTPRequest, for member: StaffMember) async throws -> DeliveryView {
        guard let id = DeliveryID(try request.pathParameter("id")),
            var delivery = try await pool.query(DeliveryQueries.one(id), as: DeliveryView.self).first, member.mayRead(delivery)
        else { throw Problem.notFound("There is no such delivery, or it is not your area's.") }
        delivery.log = try await pool.query(DeliveryQueries.attempts(id), as: AttemptView.self)
        return masked(delivery)
    }

    private func masked(_ delivery: DeliveryView) -> DeliveryView {
        var delivery = delivery
        delivery.masked = book.recipient(key: delivery.recipient)?.masked
        return delivery
    }
}

extension StaffMember {
    /// Staff of an area see what lies in it.
    fileprivate func mayRead(_ delivery: DeliveryView) -> Bool {
        guard let own = AreaCode(organisation), let area = AreaCode(delivery.area) else { return false }
        return own.contains(area)
    }
}

private struct DeliveryList: JSONEncodable {
    let deliveries: [DeliveryView]
    func write(to json: inout JSONWriter) { json.object { $0.member("deliveries", deliveries) } }
}
