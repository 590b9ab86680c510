import Contracts
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

    static let areaNames: SQL = "SELECT code, name FROM area"
    static let departmentNames: SQL = "SELECT code, name FROM department"
}
