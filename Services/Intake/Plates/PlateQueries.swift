import Contracts
import EventLog
import JSON
import Postgres

/// Every statement about the directory as intake knows it.
enum PlateQueries {
    static let all: SQL = "SELECT registered FROM plate WHERE NOT retired"

    static func learn(_ plates: [(version: Int32, plate: PlateRegistered)]) -> SQL {
        """
        INSERT INTO plate (code, version, registered)
        SELECT * FROM unnest(\(plates.map(\.plate.plate.description)), \(plates.map(\.version)), \(plates.map(\.plate.json)))
        ON CONFLICT (code) DO UPDATE SET version = excluded.version, registered = excluded.registered, retired = false
        WHERE plate.version < excluded.version
        """
    }

    /// The tables of nothing but a code, its version and its name.
    enum Names: String { case area, department }

    static func learn(_ entries: [(version: Int32, entry: some RegistrationEvent)], into table: Names) -> SQL {
        """
        INSERT INTO \(identifier: table.rawValue) AS known (code, version, name)
        SELECT * FROM unnest(\(entries.map(\.entry.subject)), \(entries.map(\.version)), \(entries.map(\.entry.name)))
        ON CONFLICT (code) DO UPDATE SET version = excluded.version, name = excluded.name
        WHERE known.version < excluded.version
        """
    }

    static func learn(categories: [(version: Int32, entry: CategoryRegistered)]) -> SQL {
        """
        INSERT INTO category (code, version, name)
        SELECT * FROM unnest(\(categories.map(\.entry.subject)), \(categories.map(\.version)), \(categories.map(\.entry.name)))
        ON CONFLICT (code) DO UPDATE SET version = excluded.version, name = excluded.name, retired = false
        WHERE category.version < excluded.version
        """
    }

    /// What it was called is kept, being offered ends.
    ///
    /// - Parameter table: `plate` or `category`.
    static func retire(_ entries: [(version: Int32, code: String)], from table: String) -> SQL {
        """
        UPDATE \(identifier: table) AS known SET version = gone.version, retired = true
        FROM unnest(\(entries.map(\.code)), \(entries.map(\.version))) AS gone(code, version)
        WHERE known.code = gone.code AND known.version < gone.version
        """
    }

    /// Of these communities, streets and departments.
    static func unitNames(_ codes: [String]) -> SQL {
        """
        SELECT code, name FROM area WHERE code = ANY(\(codes))
        UNION ALL SELECT code, name FROM department WHERE code = ANY(\(codes))
        """
    }

    static func plate(_ code: PlateCode) -> SQL { "SELECT registered, retired FROM plate WHERE code = \(code.description)" }

    static func isCategory(_ code: CategoryCode) -> SQL {
        "SELECT EXISTS (SELECT FROM category WHERE code = \(code.description) AND NOT retired)"
    }

    static let categories: SQL = "SELECT code FROM category WHERE NOT retired"

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
