import Contracts
import EventLog
import HTTP
import Postgres
import ServiceKit

/// `GET /p/<token>`: one photo, for who was given its address (the resident, the units that were called) until that ends.
/// No sign-in: the address is the proof. It opens the photo only as one of the ticket that it was made for.
struct ShowPhoto: Sendable {
    let pool: PostgresPool
    let links: PrivateLinks
    let clock: any Timekeeper

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let link = links.openPhoto(try request.pathParameter("token"), at: clock.now()),
            let jpeg = try await pool.query(PhotoQueries.jpeg(link.photo, of: link.ticket), as: [UInt8].self).first
        else { throw Problem.notFound("There is no such photo.") }
        return .bytes(jpeg, type: "image/jpeg")
            .with("x-content-type-options", "nosniff")
            .with("content-security-policy", "default-src 'none'; sandbox")
            .with("cache-control", "private, max-age=86400")
            .with("referrer-policy", "no-referrer")
    }
}
