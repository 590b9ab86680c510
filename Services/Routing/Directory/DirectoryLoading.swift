import Contracts
import JSON

extension Directory {
    /// Reads and cross-checks the four files of a street. The first thing that is wrong is thrown with its place.
    public static func load(
        areas: DataFile, grids: DataFile, departments: DataFile, plates: DataFile
    ) throws(DataFileError) -> Directory {
        let areaList = try areas.decode(Rows<AreaRow>.self).rows
        let gridList = try grids.decode(Rows<GridRow>.self).rows
        let departmentList = try departments.decode(Rows<DepartmentRow>.self).rows
        let plateList = try plates.decode(Rows<PlateRow>.self).rows

        let byCode = try areas.keyed(areaList.map(\.area), "areas", by: \.code)
        for (index, row) in areaList.enumerated() { try check(row.area, among: byCode, in: areas, at: index) }
        let gridCodes = try grids.keyed(gridList.map(\.grid), "grids", by: \.code)
        for (index, row) in gridList.enumerated() {
            guard byCode[row.grid.community]?.level == .community, row.grid.code.community == row.grid.community else {
                throw grids.error("unknown-reference", at: "#/grids/\(index)/community", "网格 \(row.grid.code) 的社区不存在或与代码不符")
            }
        }
        let known = try departments.keyed(departmentList.map(\.department), "departments", by: \.code)
        let plateCodes = try plates.keyed(plateList.map(\.plate), "plates", by: \.code)
        for (index, row) in plateList.enumerated() {
            guard let grid = gridCodes[row.plate.grid], grid.community == row.plate.community else {
                throw plates.error("unknown-reference", at: "#/plates/\(index)/grid", "铭牌 \(row.plate.code) 的网格不存在或不属于该社区")
            }
            guard grid.polygon.contains(row.plate.point) else {
                throw plates.error("outside-grid", at: "#/plates/\(index)", "铭牌 \(row.plate.code) 不在网格 \(grid.code) 内")
            }
        }
        // On directory.v1 a code alone says what it is about.
        for (index, row) in departmentList.enumerated() {
            let code = row.department.code.description
            let isTaken = AreaCode(code).map { byCode[$0] != nil || gridCodes[$0] != nil } ?? false
            guard !isTaken, PlateCode(code).flatMap({ plateCodes[$0] }) == nil else {
                throw departments.error("duplicate", at: "#/departments/\(index)/code", "单位代码 \(code) 与区划或铭牌的代码相同")
            }
        }
        return Directory(areas: byCode, grids: gridList.map(\.grid), departments: known, plates: plateCodes)
    }

    /// The departments' topics alone, for those who need no map.
    static func departmentTopics(_ file: DataFile) throws(DataFileError) -> [DepartmentTopics] {
        let rows = try file.decode(Rows<DepartmentRow>.self).rows.map(\.department)
        return try file.keyed(rows, "departments", by: \.code).values.sorted { $0.code < $1.code }.map(\.topics)
    }

    private static func check(
        _ area: Area, among areas: [AreaCode: Area], in file: DataFile, at index: Int
    ) throws(DataFileError) {
        guard area.code.level == area.level else {
            throw file.error("wrong-level", at: "#/areas/\(index)/level", "\(area.code) 的层级与代码不符")
        }
        // A street's data may begin with its district: the city above it is in the code.
        if area.level == .district, area.parent == nil { return }
        guard area.parent == area.code.parent, area.parent.map({ areas[$0] != nil }) ?? true else {
            throw file.error("unknown-reference", at: "#/areas/\(index)/parent", "\(area.code) 的上级不存在或与代码不符")
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
        department = try Department(
            code: members.required("code"), name: members.required("name"), shortName: members.required("shortName"),
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
