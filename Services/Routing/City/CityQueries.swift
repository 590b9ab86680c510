import Contracts
import EventLog
public import Postgres

/// Statements that read the city.
enum CityQueries {
    static let version: SQL = "SELECT version FROM city_version"

    /// One change at a time: who changes the city takes the next number first.
    static let nextVersion: SQL = "UPDATE city_version SET version = version + 1 RETURNING version"

    static func areas(after version: Int64) -> SQL {
        """
        SELECT code, level::text AS level, name, parent, corners, retired FROM area
        WHERE changed > \(version) AND NOT (retired AND \(version) = 0)
        """
    }

    static func departments(after version: Int64) -> SQL {
        """
        SELECT code, name, short_name, home, serves, shares_topics, retired FROM department
        WHERE changed > \(version) AND NOT (retired AND \(version) = 0)
        """
    }

    static func plates(after version: Int64) -> SQL {
        """
        SELECT code, kind, name, lat, lng, grid, chip_categories, chip_labels, retired FROM plate
        WHERE changed > \(version) AND NOT (retired AND \(version) = 0)
        """
    }

    static func categories(after version: Int64) -> SQL {
        "SELECT code, name, retired FROM category WHERE changed > \(version)"
    }

    static func ruleSets(after id: RuleSetID) -> SQL {
        "SELECT id, area, categories, calendar, clocks, catalogue FROM rule_set WHERE id > \(id) ORDER BY id"
    }

    static func versions(_ ids: [RuleVersionID]) -> SQL {
        """
        SELECT v.id, v.kind::text AS kind, v.head,
            ARRAY(SELECT r.row FROM rule_row r WHERE r.version = v.id ORDER BY r.ordinal) AS rows
        FROM rule_version v WHERE v.id = ANY(\(ids))
        """
    }
}

/// An entry as it is kept, and whether it still is in use.
struct KeptEntry<Value: Sendable>: Sendable {
    let value: Value
    let isRetired: Bool
}

extension KeptEntry: PostgresRowDecodable where Value: PostgresRowDecodable {
    init(row: borrowing PostgresRow) throws(PostgresError) {
        (value, isRetired) = (try Value(row: row), try row["retired"])
    }
}

/// A row of `area`: a grid has corners.
enum AreaEntry: PostgresRowDecodable {
    case area(Area)
    case grid(Grid)

    init(row: borrowing PostgresRow) throws(PostgresError) {
        let (code, name): (AreaCode, String) = (try row.code("code"), try row["name"])
        guard let corners: [Double] = try row["corners"] else {
            self = .area(
                Area(code: code, name: name, level: try row.choice("level"), parent: try row.codeIfPresent("parent")))
            return
        }
        let points = stride(from: 0, to: corners.count - 1, by: 2).map { GeoPoint(latitude: corners[$0], longitude: corners[$0 + 1]) }
        guard let polygon = GeoPolygon(trusted: points) else { throw .decode("column \"corners\": not a polygon") }
        self = .grid(Grid(code: code, community: try row.code("parent"), name: name, polygon: polygon))
    }
}

extension Department: PostgresRowDecodable {
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        let codes: [String] = try row["serves"]
        let serves = codes.compactMap { AreaCode($0) }
        guard serves.count == codes.count, !serves.isEmpty else { throw .decode("column \"serves\": not a list of area codes") }
        self.init(
            code: try row.code("code"), name: try row["name"], shortName: try row["short_name"], home: try row.code("home"),
            serves: serves, sharesTopics: try row["shares_topics"])
    }
}

extension Plate: PostgresRowDecodable {
    public init(row: borrowing PostgresRow) throws(PostgresError) {
        let grid: AreaCode = try row.code("grid")
        let (categories, labels): ([String], [String]) = (try row["chip_categories"], try row["chip_labels"])
        let chips = zip(categories, labels).compactMap { category, label in
            CategoryCode(category).map { Chip(category: $0, label: label) }
        }
        guard let community = grid.community, chips.count == categories.count, chips.count == labels.count else {
            throw .decode("column \"chip_categories\": not a list of category codes")
        }
        self.init(
            code: try row.code("code"), kind: try row.choice("kind"), name: try row["name"],
            point: GeoPoint(latitude: try row["lat"], longitude: try row["lng"]), grid: grid, community: community, chips: chips)
    }
}

/// The name of a category, whether or not it still is in use.
struct CategoryEntry: PostgresRowDecodable, Sendable {
    let code: CategoryCode, name: String, isRetired: Bool

    init(row: borrowing PostgresRow) throws(PostgresError) {
        (code, name, isRetired) = (try row.code("code"), try row["name"], try row["retired"])
    }
}

extension RuleSetEntry: PostgresRowDecodable {
    init(row: borrowing PostgresRow) throws(PostgresError) {
        self.init(
            id: try row["id"], area: try row.code("area"),
            versions: [
                .categories: try row["categories"], .calendar: try row["calendar"], .clocks: try row["clocks"],
                .catalogue: try row["catalogue"],
            ])
    }
}

/// A version of rules with its number.
struct RuleVersion: PostgresRowDecodable, Sendable {
    let id: RuleVersionID
    let document: RuleDocument

    init(row: borrowing PostgresRow) throws(PostgresError) {
        id = try row["id"]
        document = RuleDocument(kind: try row.choice("kind"), head: try row["head"], rows: try row["rows"])
    }
}
