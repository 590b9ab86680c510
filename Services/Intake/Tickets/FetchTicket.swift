import Contracts
import EventLog
import FoundationEssentials
import HTTP
import JSON
import Postgres
import ServiceKit

/// A ticket as it is read back.
struct TicketView: PostgresRowDecodable, JSONEncodable, Sendable {
    let id: TicketID
    let number: String
    let channel: String
    let plate: String?
    let lat: Double?
    let lng: Double?
    let category: String?
    let words: String?
    let submittedAt: Timestamp
    let photos: [PhotoID]
    /// From cases.v1, once routing has opened the case.
    let snapshot: CaseSnapshot?

    init(row: borrowing PostgresRow) throws(PostgresError) {
        id = try row["id"]
        number = try row["number"]
        channel = try row["channel"]
        plate = try row["plate"]
        lat = try row["lat"]
        lng = try row["lng"]
        category = try row["category"]
        words = try row["words"]
        submittedAt = try row["submitted_at"]
        photos = try row["photos"]
        let bytes: [UInt8]? = try row["snapshot"]
        do {
            snapshot = try bytes.map { bytes throws(JSONError) in
                try JSONReader.decode(CaseSnapshot.self, from: bytes, unknown: .ignore)
            }
        } catch {
            throw PostgresError.decode("snapshot: \(error)")
        }
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.member("id", id)
            $0.member("number", number)
            $0.member("channel", channel)
            $0.member("plate", plate)
            if let lat, let lng, let point = GeoPoint(lat: lat, lng: lng) { $0.member("point", point) }
            $0.member("category", category)
            $0.member("text", words)
            $0.member("submitted_at", submittedAt)
            $0.member("photos", photos)
            $0.member("state", (snapshot?.state ?? .reported).rawValue)
            $0.member("case", snapshot)
        }
    }
}

/// `GET /v1/tickets/{id}`: for who holds the private link's token (`Authorization: Bearer <token>` or `?token=`), and for
/// staff. Everybody else is told that there is no such ticket.
struct FetchTicket: Sendable {
    let pool: PostgresPool
    let links: PrivateLinks
    let staff: StaffDirectory

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let id = TicketID(try request.pathParameter("id")), try mayRead(request, id),
            let ticket = try await pool.query(TicketQueries.ticket(id), as: TicketView.self).first
        else { throw Problem.notFound("There is no such ticket, or it is not yours.") }
        let answer = HTTPResponse.json(ticket).with("cache-control", "no-store")
        return answer.with("etag", "\"\(ticket.snapshot.map { "\($0.version)" } ?? "0")\"")
    }

    private func mayRead(_ request: HTTPRequest, _ id: TicketID) throws(Problem) -> Bool {
        var token = try request.query("token")
        if token == nil, let header = request.header("authorization"), header.hasPrefix("Bearer ") {
            token = String(header.dropFirst(7))
        }
        guard let token else { return false }
        return links.open(.status, token: token, as: TicketID.self) == id || staff.member(token: token) != nil
    }
}
