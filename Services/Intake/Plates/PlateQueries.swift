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

    static func learn(areas: [(version: Int32, area: AreaRegistered)]) -> SQL {
        """
        INSERT INTO area (code, version, name)
        SELECT * FROM unnest(\(areas.map(\.area.area.description)), \(areas.map(\.version)), \(areas.map(\.area.name)))
        ON CONFLICT (code) DO UPDATE SET version = excluded.version, name = excluded.name
        WHERE area.version < excluded.version
        """
    }

    static func learn(departments: [(version: Int32, department: DepartmentRegistered)]) -> SQL {
        """
        INSERT INTO department (code, version, name)
        SELECT * FROM unnest(\(departments.map(\.department.department.description)), \(departments.map(\.version)),
            \(departments.map(\.department.name)))
        ON CONFLICT (code) DO UPDATE SET version = excluded.version, name = excluded.name
        WHERE department.version < excluded.version
        """
    }

    static func learn(categories: [(version: Int32, category: CategoryRegistered)]) -> SQL {
        """
        INSERT INTO category (code, version, name)
        SELECT * FROM unnest(\(categories.map(\.category.category.description)), \(categories.map(\.version)),
            \(categories.map(\.category.name)))
        ON CONFLICT (code) DO UPDATE SET version = excluded.version, name = excluded.name
        WHERE category.version < excluded.version
        """
    }

    /// The newest reports at a plate since a moment that name what is wrong and are not just being taken back.
    static func reports(at plate: String, since: Timestamp) -> SQL {
        """
        SELECT t.number, t.category, t.submitted_at, g.last_step FROM ticket t \(ProgressQueries.lastStep)
        WHERE t.plate = \(plate) AND t.submitted_at >= \(since) AND t.category IS NOT NULL
            AND t.withdrawals = \(WithdrawalQueries.answered)
        ORDER BY t.submitted_at DESC LIMIT 5
        """
    }

    /// The category of a report at this plate.
    static func category(of number: String, at plate: String) -> SQL {
        "SELECT category FROM ticket WHERE plate = \(plate) AND number = \(number) AND category IS NOT NULL"
    }

    static let categoryNames: SQL = "SELECT code, name FROM category"
    static let areaNames: SQL = "SELECT code, name FROM area"
    static let departmentNames: SQL = "SELECT code, name FROM department"
}
