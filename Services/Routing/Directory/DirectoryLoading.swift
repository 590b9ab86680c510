import Contracts
import JSON

/// Files of places and units. Each is the whole of its kind in the area that is imported: what it no longer has is retired.
struct PlaceFiles: Sendable {
    var areas: DataFile?, grids: DataFile?, departments: DataFile?, plates: DataFile?
    /// Without one the whole city.
    var within: AreaCode?

    var isEmpty: Bool { areas == nil && grids == nil && departments == nil && plates == nil }
}

extension Directory {
    static let empty = Directory(areas: [:], grids: [], departments: [:], plates: [:])

    /// Reads and cross-checks the four files of a city. The first thing that is wrong is thrown with its place.
    public static func load(
        areas: DataFile, grids: DataFile, departments: DataFile, plates: DataFile
    ) throws(DataFileError) -> Directory {
        try empty.replacing(PlaceFiles(areas: areas, grids: grids, departments: departments, plates: plates))
    }

    /// This directory with what the files say in the place of what it said. The first thing that is wrong is thrown with its place.
    func replacing(_ files: PlaceFiles) throws(DataFileError) -> Directory {
        let areaRows = try files.areas.map { file throws(DataFileError) in
            try Imported(file, "areas", files.within, read: AreaRow.self, value: \.area, code: \.code, area: \.code)
        }
        let gridRows = try files.grids.map { file throws(DataFileError) in
            try Imported(file, "grids", files.within, read: GridRow.self, value: \.grid, code: \.code, area: \.code)
        }
        let departmentRows = try files.departments.map { file throws(DataFileError) in
            try Imported(file, "departments", files.within, read: DepartmentRow.self, value: \.department, code: \.code, area: \.home)
        }
        let plateRows = try files.plates.map { file throws(DataFileError) in
            try Imported(file, "plates", files.within, read: PlateRow.self, value: \.plate, code: \.code, area: \.grid)
        }
        let merged = Directory(
            areas: areaRows?.over(areas) ?? areas, grids: Array((gridRows?.over(grids) ?? grids).values).sorted { $0.code < $1.code },
            departments: departmentRows?.over(departments) ?? departments, plates: plateRows?.over(plates) ?? plates)
        try areaRows?.check { merged.fault(of: $0) }
        try gridRows?.check { merged.fault(of: $0) }
        try departmentRows?.check { merged.fault(of: $0) }
        try plateRows?.check { merged.fault(of: $0) }
        try checkRest(of: merged, files)
        return merged
    }

    /// What the files leave as it was must still stand in what they say.
    private func checkRest(of merged: Directory, _ files: PlaceFiles) throws(DataFileError) {
        guard let file = files.areas ?? files.grids ?? files.departments ?? files.plates else { return }
        if merged.areas.values.count(where: { $0.level == .city }) > 1 {
            throw file.error("second-city", at: "#/areas", "区划里有两个市")
        }
        func stands(_ fault: Fault?) throws(DataFileError) {
            if let fault { throw file.error("still-needed", at: "#", "现有数据不再成立：\(fault.reason)") }
        }
        if files.areas != nil {
            for area in merged.areas.values { try stands(merged.fault(of: area)) }
            for grid in merged.grids.values where files.grids == nil { try stands(merged.faultOfPlace(grid)) }
            for department in merged.departments.values { try stands(merged.fault(of: department)) }
        }
        if files.grids != nil { for plate in merged.plates.values { try stands(merged.fault(of: plate)) } }
    }

    /// The departments' topics alone, for those who need no map.
    static func departmentTopics(_ file: DataFile) throws(DataFileError) -> [DepartmentTopics] {
        let rows = try file.decode(Rows<DepartmentRow>.self).rows.map(\.department)
        return try file.keyed(rows, "departments", by: \.code).values.sorted { $0.code < $1.code }.map(\.topics)
    }
}

// MARK: What must hold

extension Directory {
    /// Why an entry cannot stand among the others.
    struct Fault {
        let member: String, code: String, reason: String
    }

    private func fault(of area: Area) -> Fault? {
        if area.code.level != area.level { return Fault(member: "/level", code: "wrong-level", reason: "\(area.code) 的层级与代码不符") }
        guard area.parent == area.code.parent, area.parent.map({ areas[$0] != nil }) ?? true else {
            return Fault(member: "/parent", code: "unknown-reference", reason: "\(area.code) 的上级不存在或与代码不符")
        }
        return nil
    }

    private func faultOfPlace(_ grid: Grid) -> Fault? {
        guard areas[grid.community]?.level == .community, grid.code.community == grid.community else {
            return Fault(member: "/community", code: "unknown-reference", reason: "网格 \(grid.code) 的社区不存在或与代码不符")
        }
        return nil
    }

    private func fault(of grid: Grid) -> Fault? {
        if let fault = faultOfPlace(grid) { return fault }
        if let other = overlapping(grid) {
            return Fault(member: "/polygon", code: "overlap", reason: "网格 \(grid.code) 与网格 \(other) 重叠")
        }
        return nil
    }

    private func fault(of department: Department) -> Fault? {
        let code = department.code.description
        // On directory.v1 a code alone says what it is about.
        if AreaCode(code).map({ areas[$0] != nil || grids[$0] != nil }) ?? false || PlateCode(code).flatMap({ plates[$0] }) != nil {
            return Fault(member: "/code", code: "duplicate", reason: "单位代码 \(code) 与区划或铭牌的代码相同")
        }
        if let unknown = ([department.home] + department.serves).first(where: { areas[$0] == nil }) {
            return Fault(member: "/serves", code: "unknown-reference", reason: "单位 \(code) 的区划 \(unknown) 不存在")
        }
        return nil
    }

    private func fault(of plate: Plate) -> Fault? {
        guard let grid = grids[plate.grid], grid.community == plate.community else {
            return Fault(member: "/grid", code: "unknown-reference", reason: "铭牌 \(plate.code) 的网格不存在或不属于该社区")
        }
        guard grid.polygon.contains(plate.point) else {
            return Fault(member: "", code: "outside-grid", reason: "铭牌 \(plate.code) 不在网格 \(grid.code) 内")
        }
        return nil
    }
}

/// The rows of one file, by their codes.
private struct Imported<Key: Hashable & CustomStringConvertible, Value> {
    let file: DataFile, member: String, within: AreaCode?
    let rows: [Value], byCode: [Key: Value]
    let area: (Value) -> AreaCode

    init<Row: RowDecodable>(
        _ file: DataFile, _ member: String, _ within: AreaCode?, read: Row.Type, value: (Row) -> Value, code: (Value) -> Key,
        area: @escaping (Value) -> AreaCode
    ) throws(DataFileError) {
        (self.file, self.member, self.within, self.area) = (file, member, within, area)
        rows = try file.decode(Rows<Row>.self).rows.map(value)
        byCode = try file.keyed(rows, member, by: code)
        guard let within else { return }
        for (index, row) in rows.enumerated() where !within.contains(area(row)) {
            throw file.error("outside-area", at: "#/\(member)/\(index)", "\(code(row)) 不在 \(within) 内")
        }
    }

    /// What was there, with these rows in the place of those in the same area.
    func over(_ old: [Key: Value]) -> [Key: Value] {
        guard let within else { return byCode }
        return old.filter { !within.contains(area($0.value)) }.merging(byCode) { $1 }
    }

    func check(_ fault: (Value) -> Directory.Fault?) throws(DataFileError) {
        for (index, row) in rows.enumerated() {
            if let fault = fault(row) { throw file.error(fault.code, at: "#/\(member)/\(index)\(fault.member)", fault.reason) }
        }
    }
}

extension DataFile {
    /// A dictionary of rows; a code that is there twice is an error with its row.
    func keyed<Key: Hashable, Value>(
        _ rows: [Value], _ member: String, by key: (Value) -> Key
    ) throws(DataFileError) -> [Key: Value] {
        var result: [Key: Value] = [:]
        for (index, row) in rows.enumerated() {
            guard result.updateValue(row, forKey: key(row)) == nil else {
                throw error("duplicate", at: "#/\(member)/\(index)/code", "代码重复")
            }
        }
        return result
    }
}

/// `{"note"?: …, "<member>": [rows]}`: the form of every plain list file.
struct Rows<Row: RowDecodable>: JSONObjectDecodable {
    let rows: [Row]

    init(members: inout JSONMembers) throws(JSONError) {
        _ = try members.optional("note", String.self)
        rows = try members.required(Row.member)
    }
}
protocol RowDecodable: JSONObjectDecodable {
    /// The member that holds the rows.
    static var member: StaticString { get }
}

private struct AreaRow: RowDecodable {
    static let member: StaticString = "areas"
    let area: Area
    init(members: inout JSONMembers) throws(JSONError) {
        area = try Area(
            code: members.required("code"), name: members.required("name"), level: members.required("level"),
            parent: members.optional("parent"))
    }
}
private struct GridRow: RowDecodable {
    static let member: StaticString = "grids"
    let grid: Grid
    init(members: inout JSONMembers) throws(JSONError) {
        grid = try Grid(
            code: members.required("code"), community: members.required("community"), name: members.required("name"),
            polygon: members.read("polygon") { reader throws(JSONError) in
                let corners: [[Double]] = try reader.array()
                let points = corners.compactMap { pair in
                    pair.count == 2 ? GeoPoint(latitude: pair[1], longitude: pair[0]) : nil
                }
                guard points.count == corners.count, let polygon = GeoPolygon(points) else {
                    throw reader.failure(.invalidValue, "a simple polygon of [longitude, latitude] pairs is due")
                }
                return polygon
            })
    }
}
private struct DepartmentRow: RowDecodable {
    static let member: StaticString = "departments"
    let department: Department
    init(members: inout JSONMembers) throws(JSONError) {
        let home: AreaCode = try members.required("home")
        department = try Department(
            code: members.required("code"), name: members.required("name"), shortName: members.required("shortName"),
            home: home, serves: members.optional("serves") ?? [home],
            sharesTopics: members.optional("topic", TopicChoice.self)?.isShared ?? false)
    }
}
private struct TopicChoice: JSONDecodable {
    let isShared: Bool
    init(json reader: inout JSONReader) throws(JSONError) {
        isShared = try reader.parsed("“own” or “shared”") { ["own": false, "shared": true][$0] }
    }
}
private struct PlateRow: RowDecodable {
    static let member: StaticString = "plates"
    let plate: Plate
    init(members: inout JSONMembers) throws(JSONError) {
        plate = try Plate(
            code: members.required("code"), kind: members.required("kind"), name: members.required("name"),
            point: GeoPoint(latitude: members.required("lat"), longitude: members.required("lng")),
            grid: members.required("grid"), community: members.required("community"),
            chips: members.required("chips", [ChipRow].self).map(\.chip))
    }
}
private struct ChipRow: JSONObjectDecodable {
    let chip: Plate.Chip
    init(members: inout JSONMembers) throws(JSONError) {
        chip = try Plate.Chip(category: members.required("category"), label: members.required("label"))
    }
}
