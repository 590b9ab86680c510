import Actions
import Contracts
import Crypto
import HTTP
import JSON
import ServiceKit

/// A report as a form with files: the resident's page, and `POST /v1/tickets` as `multipart/form-data`.
///
/// The fields are those of ``Submit``, flat; `photo` is for files.
struct UploadedForm {
    private static let fieldBytes = 16_384
    /// A field up to this size is shown again, though it is not taken.
    private static let shownBytes = 262_144
    /// All of the form: photos, fields and the boundary lines between them.
    static let limits = RouteLimits(body: Submit.photoLimit * Submit.photoBytes + (1 << 20))

    let fields: [String: String]
    let photos: [[UInt8]]
    /// Whose share the photos are decoded from.
    let client: ClientBlock
    /// The first thing that was wrong with the form, when it was read on in spite of it.
    let refusal: Problem?
    /// Over the address, all fields and files in their order: what an Idempotency-Key stands for.
    let bodyHash: [UInt8]

    private static let known = Set(Submit.fields.map(\.key))
    private static let photo = "\(Submit.photo)"

    /// Reads the form part by part. Throws 400, 413, 415 and 422 as `Problem`.
    /// - Parameter readsOn: what is wrong with a part or the form's end does not end the reading but becomes `refusal`, so that a page
    ///   can be shown again with everything that could be read.
    init(_ request: HTTPRequest, _ body: RequestBody, readsOn: Bool = false) async throws {
        var limits = MultipartLimits()
        limits.fileBytes = request.bodyLimit
        limits.fieldBytes = readsOn ? Self.shownBytes : Self.fieldBytes
        let form = try Multipart(request, body, limits: limits)
        var reading = Reading(readsOn: readsOn)
        reading.say(request.path)
        do {
            while let part = try await form.nextPart() {
                reading.say(part.name)
                if part.name == Self.photo { try await reading.take(photo: part) } else { try await reading.take(field: part) }
            }
        } catch let problem as Problem where readsOn {
            reading.refusal = reading.refusal ?? problem
        }
        fields = reading.fields
        photos = reading.photos
        client = request.clientBlock
        refusal = reading.refusal
        bodyHash = reading.hash.digest()
    }

    /// What has been read so far.
    private struct Reading {
        let readsOn: Bool
        var fields: [String: String] = [:]
        var photos: [[UInt8]] = []
        var refusal: Problem?
        var hash = SHA256()

        mutating func take(photo part: MultipartPart) async throws {
            var bytes: [UInt8] = []
            while let piece = try await part.read() {
                guard bytes.count + piece.count <= Submit.photoBytes else {
                    return try refuse(413, "photo-too-large", "A photo has at most \(Submit.photoBytes >> 20) MiB.")
                }
                bytes += piece
            }
            // An unused file control sends an empty part without a name; a chosen file that is empty has one.
            if bytes.isEmpty {
                if part.claimedFilename?.isEmpty == false { try refuse(422, "photo-empty", "The file is empty.") }
                return
            }
            guard photos.count < Submit.photoLimit else {
                return try refuse(422, "too-many-photos", "At most \(Submit.photoLimit) photos.")
            }
            hash.update(SHA256.hash(bytes))
            photos.append(bytes)
        }

        mutating func take(field part: MultipartPart) async throws {
            let name = part.name
            guard UploadedForm.known.contains(name) else {
                return try refuse(.wrong("#/\(name.prefix(64))", "unknown-member", "There is no such field."))
            }
            guard fields[name] == nil else {
                return try refuse(.wrong("#/\(name)", "duplicate-member", "The field is there twice."))
            }
            let text = try await text(of: part)
            if text.utf8.contains(0) { try refuse(.wrong("#/\(name)", "text-not-valid", "The field holds a NUL.")) }
            if text.utf8.count > UploadedForm.fieldBytes {
                try refuse(.wrong("#/\(name)", "text-too-long", "The field is too long."))
            }
            fields[name] = text.withPlainLineBreaks
            say(text)
        }

        /// What is no UTF-8 is refused, and shown as far as it can be read.
        private mutating func text(of part: MultipartPart) async throws -> String {
            guard readsOn else { return try await part.text() }
            let bytes = try await part.collect()
            if let text = String(validating: bytes, as: UTF8.self) { return text }
            try refuse(.wrong("#/\(part.name)", "text-not-valid", "The field is no UTF-8."))
            return String(decoding: bytes, as: UTF8.self)
        }

        /// With its length, so that no two forms run together to the same bytes.
        mutating func say(_ text: String) {
            hash.update(bigEndian: UInt64(text.utf8.count))
            hash.update(text)
        }

        private mutating func refuse(_ status: Int, _ code: String, _ detail: String) throws {
            try refuse(
                Problem(status, code, detail: detail, errors: [Problem.Violation(pointer: "#/\(Submit.photo)", code: code, detail: detail)])
            )
        }

        private mutating func refuse(_ problem: Problem) throws {
            guard readsOn else { throw problem }
            refusal = refusal ?? problem
        }
    }

    /// What the fields say. Empty fields count as absent, as browsers send them.
    func report() throws(Problem) -> Submit {
        if let refusal { throw refusal }
        var report = Submit()
        report.channel = try parse(Submit.channelField) { Channel(rawValue: $0) } ?? .web
        report.plate = try parse(Submit.plateField) { PlateCode($0) }
        report.category = try parse(Submit.categoryField) { CategoryCode($0) }
        let datum = try parse(Submit.datumField) { Datum($0) }
        switch (try parse(Submit.latField, Self.degrees), try parse(Submit.lngField, Self.degrees)) {
        case (let lat?, let lng?): report.position = Position(lat: lat, lng: lng, datum: datum ?? .wgs84)
        case (nil, nil) where datum == nil: break
        case (nil, _): throw Problem.wrong("#/lat", "missing-member", "A point needs both lat and lng.")
        case (_, nil): throw Problem.wrong("#/lng", "missing-member", "A point needs both lat and lng.")
        }
        report.words = Submit.words(value(Submit.textField), elsewhere: value(Submit.elsewhereField))
        report.phone = value(Submit.phoneField)
        return report
    }

    /// The field, nil when absent or blank.
    func value(_ field: Submit.Form) -> String? {
        guard let text = fields[field.key], !text.allSatisfy(\.isWhitespace) else { return nil }
        return text
    }

    /// The fields as the page shows them again.
    var typed: [String: [String]] {
        var typed = fields.filter { !$0.value.allSatisfy(\.isWhitespace) }.mapValues { [$0] }
        typed[Submit.categoryField.key, default: []] += [Submit.unsure]
        return typed
    }

    /// The Idempotency-Key that the page carries. Throws 400 for what is none.
    func key(_ links: PrivateLinks) throws(Problem) -> IdempotencyKey? {
        guard let key = value(Submit.keyField) else { return nil }
        return try IdempotencyKey(key, from: client, links)
    }

    /// Plain decimals only: no `nan`, no `0x1p4`, no exponent.
    private static func degrees(_ text: String) -> Double? {
        guard text.utf8.count <= 32, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2D }) else { return nil }
        return Double(text)
    }

    private func parse<T>(_ field: Submit.Form, _ convert: (String) -> T?) throws(Problem) -> T? {
        guard let text = value(field), text != Submit.unsure else { return nil }
        guard let value = convert(text) else {
            throw .wrong("#/\(field.key)", "\(field.key)-not-valid", "This is no \(field.key).")
        }
        return value
    }
}

extension SubmitTicket {
    /// `POST /v1/tickets`, whichever way it comes.
    func post(_ request: HTTPRequest, _ body: RequestBody) async throws -> HTTPResponse {
        if request.contentType == "multipart/form-data" {
            let form = try await UploadedForm(request, body)
            let key = try IdempotencyKey(request, links) ?? form.key(links)
            // Which report it joins, only a plate's page can know.
            guard form.value(Submit.alsoField) == nil else {
                throw Problem.wrong("#/also", "unknown-member", "Only a plate's page takes this field.")
            }
            let report = try form.report()
            try ChannelRule.check(report.channel, hasPlate: report.plate != nil, by: staff.bearer(of: request))
            return answer(try await file(form, report: report, key: key))
        }
        return try await json(request, body)
    }

    /// A form's ticket, its photos re-encoded one after the other.
    func file(_ form: UploadedForm, report: Submit, key: IdempotencyKey?) async throws -> (Receipt, repeated: Bool) {
        try await admit(report, photos: form.photos.count)
        var shrunk: [Photo] = []
        for photo in form.photos { shrunk.append(try await shrink(photo, of: form.client)) }
        return try await file(report, photos: shrunk, key: key, bodyHash: key.map { _ in form.bodyHash })
    }

    private func shrink(_ photo: [UInt8], of client: ClientBlock) async throws -> Photo {
        do {
            return try await photos.shrink(photo, for: client) { try pay($0, client) }
        } catch let error as PhotoError {
            if error.isTemporary { throw Problem.unavailable("\(error.code)", retryAfter: 2) }
            // What is wanting here is the operators' to know: their log and readiness say it.
            if error.isOurs { throw Problem(503, "\(error.code)", detail: "No photos are taken here now; the report without photos is.") }
            throw Problem(
                error.code == .tooLarge ? 413 : 422, "\(error.code)", detail: error.detail,
                errors: [Problem.Violation(pointer: "#/\(Submit.photo)", code: "\(error.code)", detail: error.detail)])
        }
    }

    private func pay(_ cost: Double, _ client: ClientBlock) throws {
        do {
            try megapixels.take(cost, for: client)
        } catch {
            var problem = Problem(429, "photo-share-used", detail: "Photos of too many pixels came from here in a short time.")
            problem.headers = error.headers
            throw problem
        }
    }
}
