import Contracts
import Postgres

/// What the resident said and how it was understood: kept beside the case, never changed by it.
struct CaseReport: Hashable, Sendable {
    /// Scrubbed of telephone and identity numbers.
    let text: String?
    let photos: [PhotoID]
    let point: Contracts.GeoPoint?
    /// Whether the resident left a way to be reached. Which one, intake alone knows.
    let hasContact: Bool
    /// Why this place and this class. Why this unit is the catalogue's to say (`CatalogueResult.reason`).
    let reason: String
}

/// A case with its report, as read from its rows.
struct CaseFile: Sendable {
    let serviceCase: ServiceCase
    let report: CaseReport

    /// Why this place, this class and this unit.
    var reason: String { "\(report.reason)；\(serviceCase.routing.reason)" }
}

/// A case as it was found. One that cannot be read harms itself alone.
struct StoredCase: Sendable {
    let ticket: CaseID
    /// What people know it by, as far as it can be read.
    let number: TicketNumber?
    let content: Result<CaseFile, PostgresError>
}

/// A case whose rows say what no case can be. It is left as it is, for people to see.
struct CaseDamaged: Error, CustomStringConvertible {
    let ticket: CaseID
    let cause: any Error
    var description: String { "case \(ticket) cannot be read: \(cause)" }
}

extension StoredCase {
    /// Throws `CaseDamaged`.
    var file: CaseFile {
        get throws(CaseDamaged) {
            do { return try content.get() } catch { throw CaseDamaged(ticket: ticket, cause: error) }
        }
    }
}
