import Contracts
import Crypto
import HTTP
import JSON

/// A report as a form with files: the resident's page, and `POST /v1/tickets` as `multipart/form-data`.
///
/// Fields: `plate`, `lat`, `lng`, `category`, `text`, `phone`, `channel`, `key`; files: `photo` (up to three of 12 MiB).
struct UploadedForm {
    static let photoLimit = 3
    static let photoBytes = 12 << 20
    /// All of the form: photos, fields and the boundary lines between them.
    static let limits = RouteLimits(body: photoLimit * photoBytes + (1 << 20))

    private(set) var fields: [String: String] = [:]
    private(set) var photos: [[UInt8]] = []
    /// Over all fields and files in their order: what an Idempotency-Key stands for.
    private(set) var bodyHash: [UInt8] = []

    private static let known: Set<String> = [
        "plate", "lat", "lng", "category", "text", "elsewhere", "phone", "channel", "key", "also",
    ]

    /// Reads the form part by part. Throws 400, 413, 415 and 422 as `Problem`.
    init(_ request: HTTPRequest, _ body: RequestBody) async throws {
        var limits = MultipartLimits()
        limits.fileBytes = Self.photoBytes
        limits.fieldBytes = 16_384
        let form = try Multipart(request, body, limits: limits)
        var hash = SHA256()
        while let part = try await form.nextPart() {
            hash.update(part.name)
            if part.name == "photo" {
                let bytes = try await part.collect()
                if bytes.isEmpty { continue }
                guard photos.count < Self.photoLimit else {
                    throw Draft.refusal("#/photo", "too-many-photos", "At most \(Self.photoLimit) photos.")
                }
                hash.update(SHA256.hash(bytes))
                photos.append(bytes)
                continue
            }
            guard Self.known.contains(part.name) else {
                throw Draft.refusal("#/\(part.name)", "unknown-member", "There is no such field.")
            }
            let text = try await part.text()
            guard fields.updateValue(text, forKey: part.name) == nil else {
                throw Draft.refusal("#/\(part.name)", "duplicate-member", "The field is there twice.")
            }
            hash.update(text)
        }
        bodyHash = hash.digest()
    }

    /// What the fields say. Empty fields count as absent, as browsers send them.
    func draft() throws(Problem) -> Draft {
        var draft = Draft()
        draft.channel = try parse("channel") { Channel(rawValue: $0) } ?? .web
        draft.plate = try parse("plate") { PlateCode($0) }
        draft.category = try parse("category") { CategoryCode($0) }
        if let lat = try parse("lat", { Double($0) }), let lng = try parse("lng", { Double($0) }) {
            guard let point = GeoPoint(lat: lat, lng: lng) else {
                let isSwapped = lat.magnitude > 90 && lng.magnitude <= 90
                throw Draft.refusal(
                    "#/lat", isSwapped ? "coordinates-swapped" : "point-out-of-range",
                    isSwapped ? "Latitude and longitude are swapped." : "There is no such point on earth.")
            }
            draft.point = point
        }
        draft.words = [value("text"), value("elsewhere").map { "位置：\($0)" }].compactMap { $0 }.joined(separator: "\n")
        if draft.words?.isEmpty == true { draft.words = nil }
        draft.phone = value("phone")
        return draft
    }

    /// The field, nil when absent or blank. NUL is refused by everything behind, so it is dropped nowhere but here.
    func value(_ name: String) -> String? {
        guard let text = fields[name], !text.allSatisfy(\.isWhitespace) else { return nil }
        return text
    }

    private func parse<T>(_ name: String, _ convert: (String) -> T?) throws(Problem) -> T? {
        guard let text = value(name), text != PlatePage.unsure else { return nil }
        guard let value = convert(text) else {
            throw Draft.refusal("#/\(name)", "\(name)-not-valid", "This is no \(name).")
        }
        return value
    }
}

extension SubmitTicket {
    /// `POST /v1/tickets`, whichever way it comes.
    func post(_ request: HTTPRequest, _ body: RequestBody) async throws -> HTTPResponse {
        if request.contentType == "multipart/form-data" {
            let form = try await UploadedForm(request, body)
            let key = try Self.key(request) ?? form.value("key")
            return answer(try await file(form, draft: try form.draft(), key: key))
        }
        return try await json(request, body)
    }

    /// A form's ticket, its photos re-encoded one after the other.
    func file(_ form: UploadedForm, draft: Draft, key: String?) async throws -> (Receipt, repeated: Bool) {
        try draft.check(photos: form.photos.count)
        var shrunk: [Photo] = []
        for photo in form.photos { shrunk.append(try await shrink(photo)) }
        return try await file(draft, photos: shrunk, key: key, bodyHash: key.map { _ in form.bodyHash })
    }

    private func shrink(_ photo: [UInt8]) async throws -> Photo {
        do {
            return try await photos.shrink(photo)
        } catch let error as PhotoError {
            if error.isTemporary { throw Problem.unavailable("\(error.code)", retryAfter: 2) }
            throw Problem(
                error.code == .tooLarge ? 413 : 422, "\(error.code)", detail: error.detail,
                errors: [Problem.Violation(pointer: "#/photo", code: "\(error.code)", detail: error.detail)])
        }
    }
}
