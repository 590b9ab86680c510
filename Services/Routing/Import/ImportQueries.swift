import Contracts
import EventLog
import Postgres

/// Statements that change the city.
enum ImportQueries {
    /// How many events there were about entries, of those that were ever there.
    static func versions(of codes: [String]) -> SQL {
        """
        SELECT code, version FROM area WHERE code = ANY(\(codes))
        UNION ALL SELECT code, version FROM department WHERE code = ANY(\(codes))
        UNION ALL SELECT code, version FROM category WHERE code = ANY(\(codes))
        UNION ALL SELECT code, version FROM plate WHERE code = ANY(\(codes))
        """
    }

    /// `entries`: with the count of each one's events. All of one kind travel in one statement, in the order given.
    static func put(_ entries: [VersionedChange], changed: Int64) -> [SQL] {
        let (areas, departments) = (AreaColumns(entries), DepartmentColumns(entries))
        let (categories, plates) = (CategoryColumns(entries), PlateColumns(entries))
        var statements: [SQL] = []
        if !areas.codes.isEmpty { statements.append(put(areas, changed)) }
        if !departments.codes.isEmpty { statements.append(put(departments, changed)) }
        if !categories.codes.isEmpty { statements.append(put(categories, changed)) }
        if !plates.codes.isEmpty { statements.append(put(plates, changed)) }
        return statements
    }

    private static func put(_ c: AreaColumns, _ changed: Int64) -> SQL {
        """
        INSERT INTO area (code, level, name, parent, corners, version, retired, changed)
        SELECT u.code, u.level::area_level, u.name, u.parent, u.corners::double precision[], u.version, u.retired, \(changed)
        FROM unnest(\(c.codes), \(c.levels), \(c.names), \(c.parents), \(c.corners), \(c.versions), \(c.retired))
            AS u(code, level, name, parent, corners, version, retired)
        ON CONFLICT (code) DO UPDATE SET level = excluded.level, name = excluded.name, parent = excluded.parent,
            corners = excluded.corners, version = excluded.version, retired = excluded.retired, changed = excluded.changed
        """
    }

    private static func put(_ c: DepartmentColumns, _ changed: Int64) -> SQL {
        """
        INSERT INTO department (code, name, short_name, home, serves, shares_topics, version, retired, changed)
        SELECT u.code, u.name, u.short_name, u.home, u.serves::text[], u.shares_topics, u.version, u.retired, \(changed)
        FROM unnest(\(c.codes), \(c.names), \(c.shortNames), \(c.homes), \(c.serves), \(c.sharesTopics), \(c.versions), \(c.retired))
            AS u(code, name, short_name, home, serves, shares_topics, version, retired)
        ON CONFLICT (code) DO UPDATE SET name = excluded.name, short_name = excluded.short_name, home = excluded.home,
            serves = excluded.serves, shares_topics = excluded.shares_topics, version = excluded.version, retired = excluded.retired,
            changed = excluded.changed
        """
    }

    private static func put(_ c: CategoryColumns, _ changed: Int64) -> SQL {
        """
        INSERT INTO category (code, name, version, retired, changed)
        SELECT u.code, u.name, u.version, u.retired, \(changed)
        FROM unnest(\(c.codes), \(c.names), \(c.versions), \(c.retired)) AS u(code, name, version, retired)
        ON CONFLICT (code) DO UPDATE SET name = excluded.name, version = excluded.version, retired = excluded.retired,
            changed = excluded.changed
        """
    }

    private static func put(_ c: PlateColumns, _ changed: Int64) -> SQL {
        """
        INSERT INTO plate (code, kind, name, lat, lng, grid, chip_categories, chip_labels, version, retired, changed)
        SELECT u.code, u.kind, u.name, u.lat, u.lng, u.grid, u.chip_categories::text[], u.chip_labels::text[], u.version, u.retired,
            \(changed)
        FROM unnest(\(c.codes), \(c.kinds), \(c.names), \(c.latitudes), \(c.longitudes), \(c.grids), \(c.chipCategories),
            \(c.chipLabels), \(c.versions), \(c.retired))
            AS u(code, kind, name, lat, lng, grid, chip_categories, chip_labels, version, retired)
        ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, name = excluded.name, lat = excluded.lat, lng = excluded.lng,
            grid = excluded.grid, chip_categories = excluded.chip_categories, chip_labels = excluded.chip_labels,
            version = excluded.version, retired = excluded.retired, changed = excluded.changed
        """
    }

    // MARK: Rules

    static func version(_ kind: RuleKind, hash: [UInt8]) -> SQL {
        "SELECT id FROM rule_version WHERE kind = \(kind.rawValue)::rule_kind AND hash = \(hash)"
    }

    static func addVersion(_ document: RuleDocument, at now: Timestamp) -> SQL {
        """
        INSERT INTO rule_version (kind, hash, rows, imported_at, head)
        VALUES (\(document.kind.rawValue)::rule_kind, \(document.hash), \(Int32(clamping: document.rows.count)), \(now),
            \(document.head)) RETURNING id
        """
    }

    static func addRows(_ rows: [String], of version: RuleVersionID) -> SQL {
        """
        INSERT INTO rule_row (version, ordinal, row)
        SELECT \(version), u.ordinal, u.row FROM unnest(\(rows)) WITH ORDINALITY AS u(row, ordinal)
        """
    }

    static func activate(_ versions: [RuleKind: RuleVersionID], in area: AreaCode, at now: Timestamp) -> SQL {
        """
        INSERT INTO rule_set (area, categories, calendar, clocks, catalogue, activated_at)
        VALUES (\(area.description), \(versions[.categories]), \(versions[.calendar]), \(versions[.clocks]), \(versions[.catalogue]),
            \(now)) RETURNING id
        """
    }
}

/// A change with the number of its entry's events, itself included.
struct VersionedChange: Sendable {
    let change: DirectoryChange
    let version: Int32
}

/// Areas and grids as columns.
private struct AreaColumns {
    private(set) var codes: [String] = [], levels: [String] = [], names: [String] = [], parents: [String?] = []
    private(set) var corners: [PostgresArrayText?] = [], versions: [Int32] = [], retired: [Bool] = []

    init(_ entries: [VersionedChange]) {
        for entry in entries {
            switch entry.change.item {
            case .area(let area): add(area.code, area.level, area.name, area.parent, nil)
            case .grid(let grid): add(grid.code, .grid, grid.name, grid.community, grid.polygon.corners)
            case .department, .category, .plate: continue
            }
            versions.append(entry.version)
            retired.append(entry.change.isRetired)
        }
    }

    private mutating func add(_ code: AreaCode, _ level: AreaLevel, _ name: String, _ parent: AreaCode?, _ polygon: [GeoPoint]?) {
        codes.append(code.description)
        levels.append(level.rawValue)
        names.append(name)
        parents.append(parent?.description)
        corners.append(polygon.map { PostgresArrayText($0.flatMap { ["\($0.latitude)", "\($0.longitude)"] }) })
    }
}

private struct DepartmentColumns {
    private(set) var codes: [String] = [], names: [String] = [], shortNames: [String] = [], homes: [String] = []
    private(set) var serves: [PostgresArrayText] = [], sharesTopics: [Bool] = [], versions: [Int32] = [], retired: [Bool] = []

    init(_ entries: [VersionedChange]) {
        for entry in entries {
            guard case .department(let department) = entry.change.item else { continue }
            codes.append(department.code.description)
            names.append(department.name)
            shortNames.append(department.shortName)
            homes.append(department.home.description)
            serves.append(PostgresArrayText(department.serves.map(\.description)))
            sharesTopics.append(department.sharesTopics)
            versions.append(entry.version)
            retired.append(entry.change.isRetired)
        }
    }
}

private struct CategoryColumns {
    private(set) var codes: [String] = [], names: [String] = [], versions: [Int32] = [], retired: [Bool] = []

    init(_ entries: [VersionedChange]) {
        for entry in entries {
            guard case .category(let code, let name) = entry.change.item else { continue }
            codes.append(code.description)
            names.append(name)
            versions.append(entry.version)
            retired.append(entry.change.isRetired)
        }
    }
}

private struct PlateColumns {
    private(set) var codes: [String] = [], kinds: [String] = [], names: [String] = [], latitudes: [Double] = [], longitudes: [Double] = []
    private(set) var grids: [String] = [], chipCategories: [PostgresArrayText] = [], chipLabels: [PostgresArrayText] = []
    private(set) var versions: [Int32] = [], retired: [Bool] = []

    init(_ entries: [VersionedChange]) {
        for entry in entries {
            guard case .plate(let plate) = entry.change.item else { continue }
            codes.append(plate.code.description)
            kinds.append(plate.kind.rawValue)
            names.append(plate.name)
            latitudes.append(plate.point.latitude)
            longitudes.append(plate.point.longitude)
            grids.append(plate.grid.description)
            chipCategories.append(PostgresArrayText(plate.chips.map(\.category.description)))
            chipLabels.append(PostgresArrayText(plate.chips.map(\.label)))
            versions.append(entry.version)
            retired.append(entry.change.isRetired)
        }
    }
}
