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
