import Contracts
import EventLog
import JSON
import Postgres

/// Every statement about the resident's view of a case.
enum ProgressQueries {
    static func remember(_ events: [CommittedEvent]) -> SQL {
        """
        INSERT INTO progress_step (ticket, version, type, time, event)
        SELECT subject::uuid, version, type, time, event FROM unnest(\(events.map(\.subject)), \(events.map(\.version)),
            \(events.map(\.type)), \(events.map(\.time)), \(events.map(\.payload))) AS u(subject, version, type, time, event)
        ON CONFLICT DO NOTHING
        """
    }

    /// The last step of each ticket `t`, as `last_step`; null before the first.
    static let lastStep: SQL = """
        LEFT JOIN LATERAL (
            SELECT event AS last_step FROM progress_step WHERE ticket = t.id ORDER BY version DESC LIMIT 1
        ) g ON true
        """

    static func steps(_ ticket: TicketID) -> SQL {
        "SELECT type, time, event FROM progress_step WHERE ticket = \(ticket) ORDER BY version"
    }
}

extension ProgressQueries {
    /// Those of the case that this one was merged into; none where it was not.
    static func steps(ofTargetOf own: [ProgressStep]) -> SQL {
        "SELECT type, time, event FROM progress_step WHERE ticket = ANY(\([own.mergedInto].compactMap(\.self))) ORDER BY version"
    }
}

extension [ProgressStep] {
    /// The case that this one was merged into and still is.
    var mergedInto: TicketID? { last?.caseEvent?.snapshot.mergedInto }
}

/// One step of a case as it was heard.
struct ProgressStep: PostgresRowDecodable {
    let time: Timestamp
    /// Nothing for a type that this version does not know.
    let caseEvent: (any CaseEvent)?

    init(row: borrowing PostgresRow) throws(PostgresError) {
        time = try row["time"]
        let (type, event): (String, [UInt8]) = (try row["type"], try row["event"])
        caseEvent = try? EventRegistry.kind(of: type)?.decode(event) as? any CaseEvent
    }
}

/// What every event of a case carries, whatever else it says.
private struct LastStep: JSONObjectDecodable {
    let snapshot: CaseSnapshot

    init(members m: inout JSONMembers) throws(JSONError) { snapshot = try m.required("snapshot") }
}

extension CaseSnapshot {
    /// How the case stands, from `last_step`.
    init?(lastStep bytes: [UInt8]?) throws(PostgresError) {
        guard let bytes else { return nil }
        do throws(JSONError) {
            self = try JSONReader.decode(LastStep.self, from: bytes, unknown: .ignore).snapshot
        } catch {
            throw PostgresError.decode("snapshot: \(error)")
        }
    }
}
