import Contracts
import HTTP
import JSON

/// How to reach who reported: asked of intake at the moment of sending, never before, never kept. Intake writes each asking down.
struct AskContact: Sendable {
    enum Answer: Sendable {
        case phone(String)
        /// The resident left no number.
        case nobody
        case noAnswer
    }

    let client: HTTPClient
    /// Intake's private address, e.g. `http://127.0.0.1:9101`.
    let intake: String
    /// `Bearer …`, the services' shared token.
    let bearer: String

    /// - Parameter purpose: the template's key; it is what intake records as the reason.
    func ask(_ ticket: TicketID, purpose: TemplateKey) async -> Answer {
        var request = HTTPClient.Request.get(
            "\(intake)/internal/contacts/\(ticket)?reader=notification&purpose=\(purpose.rawValue)")
        request.headers = [("authorization", bearer)]
        request.timeout = .seconds(5)
        request.largestAnswer = 4_096
        guard let answer = try? await client.send(request) else { return .noAnswer }
        switch answer.status {
        case 200:
            guard let contact = try? JSONReader.decode(Contact.self, from: answer.body, unknown: .ignore) else { return .noAnswer }
            return .phone(contact.phone)
        case 404: return .nobody
        default: return .noAnswer
        }
    }
}

private struct Contact: JSONDecodable {
    let phone: String
    init(json reader: inout JSONReader) throws(JSONError) {
        phone = try reader.object { m throws(JSONError) in try m.read("phone") { value throws(JSONError) in try value.string(maxBytes: 64) }
        }
    }
}
