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
        if let phone, !Self.isPhone(phone) {
            throw Self.refusal("#/contact/phone", "phone-not-valid", "A mobile number of 11 digits, or a landline with its area code.")
        }
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

    private static func isPhone(_ phone: String) -> Bool {
        let digits = phone.utf8.filter { (0x30...0x39).contains($0) }.count
        let allowed = phone.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x20 || $0 == 0x2B }
        return allowed && (10...13).contains(digits)
    }
}

/// Two numbers as they came, in WGS-84 degrees; not yet known to be a point.
struct Position: Sendable, Equatable {
    var lat: Double
    var lng: Double
    var point: GeoPoint? { GeoPoint(lat: lat, lng: lng) }
}

extension Draft: JSONObjectDecodable {
    /// The body of `POST /v1/tickets`.
    init(members m: inout JSONMembers) throws(JSONError) {
        var draft = Draft()
        draft.channel = try m.optional("channel") ?? .web
        draft.plate = try m.optional("plate")
        draft.position = try m.readIfPresent("point", Self.position)
        draft.category = try m.optional("category")
        draft.words = try m.readIfPresent("text") { value throws(JSONError) in try value.string(maxBytes: 16_384).withPlainLineBreaks }
        draft.phone = try m.readIfPresent("contact", Self.phone)
        if draft.words?.allSatisfy(\.isWhitespace) == true { draft.words = nil }
        self = draft
    }

    /// Any two numbers pass here: `check` tells a swapped pair from a wrong one.
    private static func position(_ reader: inout JSONReader) throws(JSONError) -> Position {
        try reader.object { m throws(JSONError) in
            let position = Position(lat: try m.required("lat"), lng: try m.required("lng"))
            _ = try m.readIfPresent("crs", Self.datum)
            return position
        }
    }

    /// Shifted datums would put a lamp 500 m away: they are refused by name rather than taken for WGS-84.
    private static func datum(_ reader: inout JSONReader) throws(JSONError) -> String {
        let start = reader
        let name = try reader.string(maxBytes: 16)
        guard ["wgs84", "cgcs2000"].contains(name) else { throw start.failure(.outOfRange, "the datums taken are wgs84 and cgcs2000") }
        return name
    }

    private static func phone(_ reader: inout JSONReader) throws(JSONError) -> String {
        try reader.object { m throws(JSONError) in
            try m.read("phone") { value throws(JSONError) in try value.string(maxBytes: 32) }
        }
    }
}

/// The answer to a submission.
struct Receipt: JSONObjectEncodable, Sendable {
    let id: TicketID
    let number: String
    /// Private: whoever has it sees the ticket.
    let statusToken: String

    func write(members o: inout JSONObjectWriter) {
        o.member("id", id)
        o.member("number", number)
        o.member("status_url", PagePath.status(token: statusToken).description)
    }
}
