import Contracts
import EventLog
import JSON
import Postgres

/// Every statement about the directory as intake knows it.
enum PlateQueries {
    static let all: SQL = "SELECT registered FROM plate"

    static func learn(_ plates: [(version: Int32, plate: PlateRegistered)]) -> SQL {
        """
        INSERT INTO plate (code, version, registered)
        SELECT * FROM unnest(\(plates.map(\.plate.plate.description)), \(plates.map(\.version)), \(plates.map(\.plate.json)))
        ON CONFLICT (code) DO UPDATE SET version = excluded.version, registered = excluded.registered
        WHERE plate.version < excluded.version
        """
    }

    /// The tables of nothing but a code, its version and its name.
    enum Names: String { case area, department, category }

    static func learn(_ entries: [(version: Int32, entry: some RegistrationEvent)], into table: Names) -> SQL {
        """
        INSERT INTO \(identifier: table.rawValue) AS known (code, version, name)
        SELECT * FROM unnest(\(entries.map(\.entry.subject)), \(entries.map(\.version)), \(entries.map(\.entry.name)))
        ON CONFLICT (code) DO UPDATE SET version = excluded.version, name = excluded.name
        WHERE known.version < excluded.version
        """
    }

    /// Of these communities, streets and departments.
    static func unitNames(_ codes: [String]) -> SQL {
        """
        SELECT code, name FROM area WHERE code = ANY(\(codes))
        UNION ALL SELECT code, name FROM department WHERE code = ANY(\(codes))
        """
    }

    static func plate(_ code: PlateCode) -> SQL { "SELECT registered FROM plate WHERE code = \(code.description)" }

    static func isCategory(_ code: CategoryCode) -> SQL {
        "SELECT EXISTS (SELECT FROM category WHERE code = \(code.description))"
    }

    static func names(in table: Names) -> SQL { "SELECT code, name FROM \(identifier: table.rawValue)" }

    /// The newest reports at a plate since a moment that name what is wrong and are not just being taken back.
    static func reports(at plate: String, since: Timestamp) -> SQL {
        """
        SELECT t.number, t.category, t.submitted_at, g.last_step FROM ticket t \(ProgressQueries.lastStep)
        WHERE t.plate = \(plate) AND t.submitted_at >= \(since) AND t.category IS NOT NULL
            AND NOT \(WithdrawalQueries.isWithdrawing)
        ORDER BY t.submitted_at DESC LIMIT 5
        """
    }

    /// The category of a report at this plate.
    static func category(of number: String, at plate: String) -> SQL {
        "SELECT category FROM ticket WHERE plate = \(plate) AND number = \(number) AND category IS NOT NULL"
    }
}
