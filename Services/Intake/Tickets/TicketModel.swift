import Contracts
import HTTP
import JSON

/// A ticket 工单: what one person told us, with its number.
struct Ticket: Sendable, Equatable {
    var id: TicketID
    var number: TicketNumber
    var channel: Channel
    var plate: PlateCode?
    var point: GeoPoint?
    var category: CategoryCode?
    /// As written; may hold personal data.
    var words: String?
    var phone: String?
    var submittedAt: Timestamp
}

/// A photo as it is kept.
struct StoredPhoto: Sendable, Equatable {
    var id: PhotoID
    var ticket: TicketID
    var place: Int32
    var width: Int32
    var height: Int32
    var jpeg: [UInt8]
}

/// What came in, before it has a number.
struct Draft: Sendable, Equatable {
    var channel: Channel = .web
    var plate: PlateCode?
    var position: Position?
    var category: CategoryCode?
    var words: String?
    var phone: String?

    static let maxWords = 2000

    /// Whether anything at all is said: a photo, a chip or words.
    func saysSomething(photos: Int) -> Bool { photos > 0 || category != nil || words != nil }

    /// Pure checks; the first that fails names its member.
    func check(photos: Int) throws(Problem) {
        if plate == nil && position == nil {
            throw Self.refusal("#/plate", "place-missing", "Say where: a plate's code or a point.")
        }
        guard saysSomething(photos: photos) else {
            throw Self.refusal("#/text", "nothing-said", "Send a photo, a category or a text.")
        }
        if let position { try Self.check(position) }
        if let words {
            guard Self.fits(words) else {
                throw Self.refusal("#/text", "text-too-long", "At most \(Self.maxWords) characters.")
            }
            guard !words.utf8.contains(0) else { throw Self.refusal("#/text", "text-not-valid", "The text holds a NUL.") }
        }
        if phone != nil, number == nil {
            throw Self.refusal(
                "#/contact/phone", "phone-not-valid",
                "A mobile number of 11 digits, a landline with its area code, or a number abroad with +.")
        }
    }

    /// The telephone number, read.
    var number: TelephoneNumber? { phone.flatMap { TelephoneNumber($0) } }

    /// What was said, and where it really is, as one text; nil when nothing was.
    static func words(_ text: String?, elsewhere: String?) -> String? {
        let parts = [text, elsewhere.map { "位置：\($0)" }].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: "\n")
    }

    /// Characters as Unicode counts them, a line break as one: never fewer than a page lets pass, which counts UTF-16 code units.
    private static func fits(_ words: String) -> Bool { words.utf8.count <= maxWords || words.unicodeScalars.count <= maxWords }

    static func refusal(_ pointer: String, _ code: String, _ detail: String) -> Problem {
        Problem(422, code, detail: detail, errors: [Problem.Violation(pointer: pointer, code: code, detail: detail)])
    }

    /// China and its waters, roughly: nearer checks are routing's. A swapped pair is told apart, because it is so common.
    private static func check(_ position: Position) throws(Problem) {
        if isInChina(lat: position.lat, lng: position.lng) { return }
        if isInChina(lat: position.lng, lng: position.lat) {
            throw refusal("#/point", "coordinates-swapped", "Latitude and longitude are swapped.")
        }
        guard position.point != nil else {
            throw refusal("#/point", "point-out-of-range", "There is no such point on earth.")
        }
        throw refusal("#/point", "point-out-of-area", "The point is not where this service works.")
    }

    private static func isInChina(lat: Double, lng: Double) -> Bool { (3...54).contains(lat) && (73...136).contains(lng) }
}

/// Two numbers as they came; not yet known to be a point.
struct Position: Sendable, Equatable {
    var lat: Double
    var lng: Double
    var datum = Datum.wgs84
    /// In WGS-84, as everything behind the door has it.
    var point: GeoPoint? {
        let (lat, lng) = datum.wgs84(lat: lat, lng: lng)
        return GeoPoint(lat: lat, lng: lng)
    }
}

extension Draft: JSONObjectDecodable {
    /// The body of `POST /v1/tickets`.
    init(members m: inout JSONMembers) throws(JSONError) {
        var draft = Draft()
        draft.channel = try m.optional("channel") ?? .web
        draft.plate = try m.optional("plate")
        draft.position = try m.readIfPresent("point", Self.position)
        draft.category = try m.optional("category")
        draft.words = Self.words(
            try m.readIfPresent("text", Self.text(16_384)) ?? nil, elsewhere: try m.readIfPresent("elsewhere", Self.text(16_384)) ?? nil)
        draft.phone =
            try m.readIfPresent("contact") { value throws(JSONError) in
                try value.object { m throws(JSONError) in try m.read("phone", Self.text(512)) }
            } ?? nil
        self = draft
    }

    /// Any two numbers pass here: `check` tells a swapped pair from a wrong one.
    private static func position(_ reader: inout JSONReader) throws(JSONError) -> Position {
        try reader.object { m throws(JSONError) in
            try Position(lat: m.required("lat"), lng: m.required("lng"), datum: m.readIfPresent("crs", Self.datum) ?? .wgs84)
        }
    }

    private static func datum(_ reader: inout JSONReader) throws(JSONError) -> Datum {
        let start = reader
        guard let datum = Datum(try reader.string(maxBytes: 32)) else {
            throw start.failure(.outOfRange, "the datums taken are \(Datum.names)")
        }
        return datum
    }

    /// Blank counts as absent, as in the form.
    private static func text(_ maxBytes: Int) -> (inout JSONReader) throws(JSONError) -> String? {
        { (value: inout JSONReader) throws(JSONError) in
            let text = try value.string(maxBytes: maxBytes)
            return text.allSatisfy(\.isWhitespace) ? nil : text.withPlainLineBreaks
        }
    }
}

/// The answer to a submission.
struct Receipt: JSONObjectEncodable, Sendable {
    let id: TicketID
    let number: String
    /// Private: whoever has it sees the ticket.
    let statusToken: String
    /// How the reporter can be reached, when a number was left.
    var contact: TelephoneNumber.Kind?

    func write(members o: inout JSONObjectWriter) {
        o.member("id", id)
        o.member("number", number)
        o.member("status_url", PagePath.status(token: statusToken).description)
        if let contact { o.member("contact", ContactNotice(kind: contact)) }
    }

    /// The page that shows it, told what to say of the number.
    var page: PagePath { .status(token: statusToken, isNew: true, phone: contact?.notice == nil ? nil : contact?.rawValue) }
}
