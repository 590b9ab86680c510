import Contracts
import EventLog
import HTTP
import Postgres
import ServiceKit

/// `GET /p/<token>`: one photo, for who was given its link (the resident, the units that were called).
struct ShowPhoto: Sendable {
    let pool: PostgresPool
    let links: PrivateLinks

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let id = links.open(.photo, token: try request.pathParameter("token"), as: PhotoID.self),
            let jpeg = try await pool.query(PhotoQueries.jpeg(id), as: [UInt8].self).first
        else { throw Problem.notFound("There is no such photo.") }
        return .bytes(jpeg, type: "image/jpeg")
            .with("x-content-type-options", "nosniff")
            .with("content-security-policy", "default-src 'none'; sandbox")
            .with("cache-control", "private, max-age=86400")
            .with("referrer-policy", "no-referrer")
    }
}
