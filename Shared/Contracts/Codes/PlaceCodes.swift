/// An administrative area by its official number (GB/T 2260, GB/T 10114): 12 digits (city 4, district 2, street 3, community 3), or
/// 15 with our grid.
///
/// `370200000000` city, `370202000000` district, `370202019000` street, `370202019001` community, `370202019001002` grid. The four
/// municipalities are a province and a city in one: theirs is the province's number, `310000000000`.
public struct AreaCode: WireText {
    public static var form: String { "an area code of 12 digits, or 15 for a grid" }

    public let description: String

    public init?(_ description: String) {
        let digits = Array(description.utf8)
        guard digits.count == 12 || digits.count == 15, digits.allSatisfy({ $0 &- 0x30 < 10 }), !Self.isZero(digits[0..<2]) else {
            return nil
        }
        let hasDistrict = !Self.isZero(digits[4..<6])
        // A municipality's city has nothing behind its province; every other city has its own two digits.
        if !hasDistrict, Self.isZero(digits[2..<4]) != Self.municipalities.contains(String(description.prefix(2))) { return nil }
        let hasStreet = !Self.isZero(digits[6..<9])
        let hasCommunity = !Self.isZero(digits[9..<12])
        // A part may be missing only at the end: no street without a district, no community without a street, no grid without a community.
        if hasStreet, !hasDistrict { return nil }
        if hasCommunity, !hasStreet { return nil }
        if digits.count == 15, !hasCommunity || Self.isZero(digits[12..<15]) { return nil }
        self.description = description
    }

    /// Beijing, Tianjin, Shanghai, Chongqing.
    private static let municipalities: Set<String> = ["11", "12", "31", "50"]

    private static func isZero(_ digits: ArraySlice<UInt8>) -> Bool { digits.allSatisfy { $0 == 0x30 } }

    private init(known description: String) { self.description = description }

    public var level: AreaLevel {
        if description.utf8.count == 15 { return .grid }
        if !description.hasSuffix("000") { return .community }
        if !description.hasSuffix("000000") { return .street }
        return description.hasSuffix("00000000") ? .city : .district
    }

    /// The city this area is or belongs to.
    public var city: AreaCode {
        let province = String(description.prefix(2))
        return AreaCode(known: Self.municipalities.contains(province) ? province + "0000000000" : description.prefix(4) + "00000000")
    }
    /// The district this area is or belongs to; `nil` for a city.
    public var district: AreaCode? { level == .city ? nil : AreaCode(known: description.prefix(6) + "000000") }
    /// The street this area is or belongs to; `nil` for a district or a city.
    public var street: AreaCode? {
        level == .city || level == .district ? nil : AreaCode(known: description.prefix(9) + "000")
    }
    /// The community this area is or belongs to; `nil` for a street and what is above it.
    public var community: AreaCode? {
        level == .grid || level == .community ? AreaCode(known: String(description.prefix(12))) : nil
    }

    /// The area one level up; `nil` for a city.
    public var parent: AreaCode? {
        switch level {
        case .grid: community
        case .community: street
        case .street: district
        case .district: city
        case .city: nil
        }
    }

    /// Whether `other` is this area or lies in it.
    public func contains(_ other: AreaCode) -> Bool {
        switch level {
        case .city: other.city == self
        case .district: other.district == self
        case .street: other.street == self
        case .community: other.community == self
        case .grid: other == self
        }
    }
}

/// The levels of the chain city, district, street, community, grid.
public enum AreaLevel: String, WireCode {
    case city, district, street, community, grid

    public var titles: Titles {
        switch self {
        case .city: Titles("市", "City")
        case .district: Titles("区", "District")
        case .street: Titles("街道", "Street")
        case .community: Titles("社区", "Community")
        case .grid: Titles("网格", "Grid")
        }
    }
}

/// What a QR plate is fixed to.
public enum PlateKind: String, WireCode {
    case lamp, bench, wall, building, gate, bin, playground, parking, lift, board, other

    public var titles: Titles {
        switch self {
        case .lamp: Titles("路灯", "Lamp")
        case .bench: Titles("座椅", "Bench")
        case .wall: Titles("墙面", "Wall")
        case .building: Titles("楼栋", "Building")
        case .gate: Titles("小区大门", "Gate")
        case .bin: Titles("垃圾箱房", "Bin")
        case .playground: Titles("健身游乐设施", "Playground")
        case .parking: Titles("停车位", "Parking place")
        case .lift: Titles("电梯", "Lift")
        case .board: Titles("公告栏", "Notice board")
        case .other: Titles("其他", "Other")
        }
    }
}
