public import Contracts

/// The city's places and units in memory: immutable, looked up without a database.
public struct Directory: Sendable {
    public let areas: [AreaCode: Area]
    public let grids: [AreaCode: Grid]
    public let departments: [DepartmentCode: Department]
    public let plates: [PlateCode: Plate]
    /// The city itself.
    public let root: AreaCode?
    /// The smallest area that every street lies in: where something is whose place nobody knows. Nothing while there is no street.
    public let common: AreaCode?
    private let ordered: [Grid]
    private let index: GridIndex

    /// Nearer to another community than this, a point may well mean the other one (phones are off by as much).
    public static let borderMetres = 20.0

    init(
        areas: [AreaCode: Area], grids: [Grid], departments: [DepartmentCode: Department], plates: [PlateCode: Plate]
    ) {
        self.areas = areas
        let root = areas.values.first { $0.level == .city }?.code
        self.root = root
        let streets = areas.values.filter { $0.level == .street }.map(\.code)
        let districts = Set(streets.map(\.district))
        common = streets.count == 1 ? streets.first : districts.count == 1 ? districts.first.flatMap(\.self) : root
        self.grids = Dictionary(grids.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })
        self.departments = departments
        self.plates = plates
        ordered = grids
        index = GridIndex(grids.map(\.polygon.box))
    }

    /// The grid of a point, with its neighbours across a near border.
    public func locate(_ point: GeoPoint) throws(PlaceRefusal) -> Located {
        guard point.isOnGlobe else {
            let exchanged = GeoPoint(latitude: point.longitude, longitude: point.latitude)
            throw exchanged.isOnGlobe && index.covers(exchanged) ? .swapped : .invalid
        }
        var found: Grid?
        var near: [(Double, Grid)] = []
        for candidate in index.candidates(at: point) {
            let grid = ordered[candidate]
            if found == nil, grid.polygon.contains(point) {
                found = grid
            } else {
                let distance = grid.polygon.distanceToEdge(point)
                if distance < Self.borderMetres { near.append((distance, grid)) }
            }
        }
        guard let found, let street = found.community.street else {
            let exchanged = GeoPoint(latitude: point.longitude, longitude: point.latitude)
            throw exchanged.isOnGlobe && index.covers(exchanged) ? .swapped : .outside
        }
        near.sort { ($0.0, $0.1.code) < ($1.0, $1.1.code) }
        return Located(
            grid: found.code, community: found.community, street: street, neighbours: near.map(\.1.code),
            isBorderZone: near.contains { $0.1.community != found.community })
    }

    /// Another grid that covers some of the same ground: by more than inexact corners do.
    func overlapping(_ grid: Grid) -> AreaCode? {
        let polygon = grid.polygon
        var near: Set<Int> = []
        for point in polygon.probes { near.formUnion(index.candidates(at: point)) }
        for place in near.sorted() where ordered[place].code != grid.code {
            let other = ordered[place].polygon
            if polygon.probes.contains(where: other.coversWell) || other.probes.contains(where: polygon.coversWell) {
                return ordered[place].code
            }
        }
        return nil
    }

    /// Where a department is spoken to. One that the directory no longer has keeps its own.
    func topics(of department: DepartmentCode) -> DepartmentTopics {
        departments[department]?.topics ?? DepartmentTopics(department)
    }

    /// Those that can be called in an area, in the order of their codes.
    func departments(serving area: AreaCode) -> [Department] {
        allDepartments.filter { $0.serves(area) }
    }

    /// Those that work somewhere in an area, or everywhere in it.
    func departments(in area: AreaCode) -> [Department] {
        allDepartments.filter { $0.serves.contains { $0.contains(area) || area.contains($0) } }
    }

    var allDepartments: [Department] { departments.values.sorted { $0.code < $1.code } }

    /// All of them, in the order of their codes.
    var topics: [DepartmentTopics] { allDepartments.map(\.topics) }

    /// The plate is the place: its own grid counts, however inexact its point.
    public func place(of code: PlateCode) throws(PlaceRefusal) -> CasePlace {
        guard let plate = plates[code], let street = plate.community.street else { throw .unknownPlate }
        return CasePlace(
            street: street, community: plate.community, grid: plate.grid, plate: code, name: plate.name)
    }

    /// `彩虹街道云桥社区云桥第一网格`
    public func name(of code: AreaCode) -> String {
        if let grid = grids[code] { return name(of: grid.community) + grid.name }
        guard let area = areas[code] else { return code.description }
        return area.level == .community ? (area.parent.flatMap { areas[$0]?.name } ?? "") + area.name : area.name
    }
}

/// Boxes in a lattice of cells: a point looks at the few boxes of its own cell.
struct GridIndex: Sendable {
    private let whole: GeoBox?
    private let side: Int
    private let cells: [[Int]]

    /// 20 m are 0.00018° north and at most 0.0004° east below 63° of latitude.
    private static let margin = 0.0004

    init(_ boxes: [GeoBox]) {
        guard var whole = boxes.first else {
            (whole, side, cells) = (nil, 0, [])
            return
        }
        for box in boxes { whole.include(box) }
        var side = 1
        // About one box to a cell: the square root of their number, and no more than a million cells.
        while side * side < boxes.count, side < 1000 { side += 1 }
        var cells = [[Int]](repeating: [], count: side * side)
        for (number, box) in boxes.enumerated() {
            let rows = Self.range(box.south, box.north, whole.south, whole.north, side)
            let columns = Self.range(box.west, box.east, whole.west, whole.east, side)
            for row in rows { for column in columns { cells[row * side + column].append(number) } }
        }
        (self.whole, self.side, self.cells) = (whole, side, cells)
    }

    func covers(_ point: GeoPoint) -> Bool { whole?.contains(point, marginDegrees: Self.margin) ?? false }

    func candidates(at point: GeoPoint) -> [Int] {
        guard let whole, covers(point) else { return [] }
        let row = Self.cell(point.latitude, whole.south, whole.north, side)
        let column = Self.cell(point.longitude, whole.west, whole.east, side)
        return cells[row * side + column]
    }

    private static func range(_ from: Double, _ to: Double, _ low: Double, _ high: Double, _ side: Int) -> ClosedRange<Int> {
        cell(from - margin, low, high, side)...cell(to + margin, low, high, side)
    }

    private static func cell(_ value: Double, _ low: Double, _ high: Double, _ side: Int) -> Int {
        guard high > low else { return 0 }
        let share = min(1, max(0, (value - low) / (high - low)))
        return min(side - 1, Int(share * Double(side)))
    }
}
