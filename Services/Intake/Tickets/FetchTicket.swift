import Contracts
import EventLog
import FoundationEssentials
import HTTP
import JSON
import Postgres
import ServiceKit

/// A ticket as it is read back.
struct TicketView: PostgresRowDecodable, JSONObjectEncodable, Sendable {
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
    /// When its reporter last asked to have it back; what came of that says the case.
    let withdrawnAt: Timestamp?
    /// Routing has not answered the last withdrawal yet.
    let isWithdrawing: Bool
    /// From cases.v1, once routing has opened the case.
    let snapshot: CaseSnapshot?
    var state: CaseState { snapshot?.state ?? .reported }

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
        withdrawnAt = try row["withdrawn_at"]
        isWithdrawing = try row["is_withdrawing"]
        snapshot = try CaseSnapshot(lastStep: try row["last_step"])
    }

    func write(members o: inout JSONObjectWriter) {
        o.member("id", id)
        o.member("number", number)
        o.member("channel", channel)
        o.member("plate", plate)
        if let lat, let lng, let point = GeoPoint(lat: lat, lng: lng) { o.member("point", point) }
        o.member("category", category)
        o.member("text", words)
        o.member("submitted_at", submittedAt)
        o.member("photos", photos)
        o.member("withdrawn_at", withdrawnAt)
        o.member("state", state.rawValue)
        o.member("case", snapshot)
    }
}

/// `GET /v1/tickets/{id}`: for who holds the private link's token (`Authorization: Bearer <token>` or `?token=`), and for
/// the staff whose case it is. Everybody else is told that there is no such ticket.
struct FetchTicket: Sendable {
    let pool: PostgresPool
    let links: PrivateLinks
    let staff: StaffDirectory

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let id = TicketID(try request.pathParameter("id")),
            let ticket = try await pool.query(TicketQueries.ticket(id), as: TicketView.self).first, try mayRead(request, ticket)
        else { throw Problem.notFound("There is no such ticket, or it is not yours.") }
        let answer = HTTPResponse.json(ticket).with("cache-control", "no-store")
        return answer.with("etag", "\"\(ticket.snapshot.map { "\($0.version)" } ?? "0")\"")
    }

    private func mayRead(_ request: HTTPRequest, _ ticket: TicketView) throws(Problem) -> Bool {
        if try links.ticket(of: request) == ticket.id { return true }
        guard let member = try? staff.authenticate(request) else { return false }
        return Self.concerns(ticket.snapshot, member)
    }

    /// Whose case it is: pure. The words are as written, so a unit sees no more than its own.
    static func concerns(_ snapshot: CaseSnapshot?, _ member: StaffMember) -> Bool {
        let own = member.organisation
        switch member.role {
        case .street: return snapshot?.street?.description == own
        case .district: return snapshot?.area.district?.description == own
        case .supervisor, .admin:
            guard let area = AreaCode(own), let snapshot else { return false }
            return area.contains(snapshot.area)
        case .community: return snapshot?.community?.description == own
        case .gridWorker: return snapshot?.grid?.description == own || snapshot?.community?.description == own
        case .department:
            return snapshot?.lead?.description == own || snapshot?.coHandlers.contains { $0.description == own } == true
        case .caller: return false
        }
    }
}
