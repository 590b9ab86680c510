public import Contracts

/// WGS-84 degrees. Other datums are converted at the door, before they get here.
public struct GeoPoint: Hashable, Sendable {
    public let latitude: Double
    public let longitude: Double

    public init(latitude: Double, longitude: Double) {
        self.latitude = latitude
        self.longitude = longitude
    }
}

public struct Area: Hashable, Sendable {
    public let code: AreaCode
    public let name: String
    public let level: AreaLevel
    public let parent: AreaCode?
}

/// A unit grid 单元网格: the smallest place somebody is responsible for.
public struct Grid: Hashable, Sendable {
    public let code: AreaCode
    public let community: AreaCode
    public let name: String
    public let polygon: GeoPolygon
}

public struct Department: Hashable, Sendable {
    public let code: DepartmentCode
    public let name: String
    public let shortName: String
    /// Where it belongs.
    public let home: AreaCode
    /// Where it can be called; never empty.
    public let serves: [AreaCode]
    /// It hears and speaks on the topics that small units share, instead of on two of its own.
    public let sharesTopics: Bool

    var topics: DepartmentTopics { DepartmentTopics(code, isShared: sharesTopics) }

    func serves(_ area: AreaCode) -> Bool { serves.contains { $0.contains(area) } }
}

/// A QR plate; it is the place (conventions G4).
public struct Plate: Hashable, Sendable {
    public struct Chip: Hashable, Sendable {
        public let category: CategoryCode
        public let label: String
    }
    public let code: PlateCode
    public let kind: PlateKind
    public let name: String
    public let point: GeoPoint
    public let grid: AreaCode
    public let community: AreaCode
    public let chips: [Chip]
}

/// Where a point lies.
public struct Located: Hashable, Sendable {
    public let grid: AreaCode
    public let community: AreaCode
    public let street: AreaCode
    /// Other grids within ``Directory/borderMetres``, nearest first.
    public let neighbours: [AreaCode]
    /// Another community is that near: a person should be asked which one is meant.
    public let isBorderZone: Bool
}

/// Why a point or plate gives no place; stable codes, both languages.
public struct PlaceRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: String
    public let chinese: String
    public let english: String

    public static let invalid = PlaceRefusal(code: "coordinate-invalid", chinese: "坐标无效", english: "These are no coordinates")
    public static let swapped = PlaceRefusal(
        code: "coordinate-swapped", chinese: "经度和纬度好像写反了", english: "Latitude and longitude seem to be exchanged")
    public static let outside = PlaceRefusal(code: "outside-street", chinese: "不在本街道范围内", english: "This point is not in the street")
    public static let unknownPlate = PlaceRefusal(code: "unknown-plate", chinese: "没有这块铭牌", english: "There is no such plate")

    public var description: String { "\(code): \(english)" }
}
