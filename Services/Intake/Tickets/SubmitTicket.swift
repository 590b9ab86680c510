import Actions
import Contracts
import Crypto
import EventLog
import HTTP
import JSON
import ServiceKit
import Telemetry

/// `POST /v1/tickets`: 201 only after the ticket and its event are on the disk.
///
/// JSON, or a form with up to three photos of 12 MiB each (fields as in the JSON, `photo` for files). With an Idempotency-Key
/// the same request may be sent again and again: one ticket, one answer; the same key with another body is refused.
struct SubmitTicket: Sendable {
    let plates: PlateBook
    let numbers: TicketNumbers
    let commit: GroupCommit
    let photos: PhotoWorkerPool
    /// What one client's photos may cost, by the size that their headers claim.
    let megapixels: RateLimiter<ClientBlock>
    let outbox: Outbox
    let links: PrivateLinks
    let staff: StaffDirectory
    let clock: any Timekeeper
    let ids: UUIDv7Generator
    let limits: ReportLimits

    /// Bytes of a JSON report: 2 000 characters of any script, and the rest.
    private static let jsonBytes = 65_536

    /// The JSON door.
    func json(_ request: HTTPRequest, _ body: RequestBody) async throws -> HTTPResponse {
        guard request.contentType == "application/json" else {
            throw Problem(415, "unsupported-media-type", detail: "application/json or multipart/form-data")
        }
        // The route is as wide as a form with photos; a JSON report that says it is larger is refused unread.
        if let declared = request.header("content-length").flatMap({ Int($0) }), declared > Self.jsonBytes {
            throw Problem(413, "body-too-large", detail: "A JSON report has at most \(Self.jsonBytes) bytes.")
        }
        let bytes = try await body.collect(upTo: Self.jsonBytes)
        let report: Submit
        do { report = try JSONReader.decode(Submit.self, from: bytes) } catch { throw Problem(error) }
        try ChannelRule.check(report.channel, hasPlate: report.plate != nil, by: staff.bearer(of: request))
        let key = try IdempotencyKey(request, links)
        return answer(try await file(report, photos: [], key: key, bodyHash: key.map { _ in SHA256.hash(bytes) }))
    }

    /// What came, made into a ticket.
    func file(_ report: Submit, photos: [Photo], key: IdempotencyKey?, bodyHash: [UInt8]?) async throws -> (Receipt, repeated: Bool) {
        try await admit(report, photos: photos.count)
        try limits.admit(report: report)
        let now = clock.now()
        let ticket = report.ticket(ids.next(), number: try await numbers.next(at: now), at: now)
        let stored = photos.enumerated().map { place, photo in
            StoredPhoto(
                id: ids.next(), ticket: ticket.id, place: Int32(place), width: Int32(clamping: photo.width),
                height: Int32(clamping: photo.height), jpeg: photo.jpeg)
        }
        let submission = Submission(
            ticket: ticket, photos: stored,
            event: outbox.prepare(Submit.event(ticket, photos: stored.map(\.id)), version: 1), key: key?.stored, bodyHash: bodyHash)
        switch await commit.file(submission) {
        case .filed: return (receipt(ticket.id, ticket.number.description, report), false)
        case .repeated(let id, let number): return (receipt(id, number, report), true)
        case .conflict:
            throw Problem(
                422, "idempotency-key-reused", detail: "This Idempotency-Key was used before, with another request.")
        case .failed(retriable: false):
            throw Problem(500, "not-filed", detail: "The ticket could not be stored. Nothing was changed.")
        case .failed(retriable: true), nil:
            throw Problem.unavailable("busy", retryAfter: 1)
        }
    }

    /// Refuses what cannot become a ticket; before photos cost anything.
    func admit(_ report: Submit, photos: Int) async throws {
        try report.check(photos: photos)
        if let plate = report.plate, try await plates.find(plate) == nil {
            throw Problem.wrong("#/plate", "plate-unknown", "There is no plate \(plate).")
        }
        if let category = report.category, try await !plates.knows(category) {
            throw Problem.wrong("#/category", "category-unknown", "There is no category \(category).")
        }
    }

    func answer(_ result: (Receipt, repeated: Bool)) -> HTTPResponse {
        let (receipt, repeated) = result
        let answer = HTTPResponse.json(receipt, status: .created).with("location", "/v1/tickets/\(receipt.id)")
        return repeated ? answer.with("idempotency-replayed", "true") : answer
    }

    private func receipt(_ id: TicketID, _ number: String, _ report: Submit) -> Receipt {
        Receipt(id: id, number: number, statusToken: links.token(.status, id), contact: report.number?.kind)
    }
}
