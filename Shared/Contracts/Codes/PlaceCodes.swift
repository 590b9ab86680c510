/// An administrative area by its official number: 12 digits (district 6, street 3, community 3), or 15 with our grid.
///
/// `310106000000` district, `310106019000` street, `310106019001` community, `310106019001002` grid.
public struct AreaCode: WireText {
    public static var form: String { "an area code of 12 digits, or 15 for a grid" }

    public let description: String

    public init?(_ description: String) {
        let digits = Array(description.utf8)
        guard digits.count == 12 || digits.count == 15, digits.allSatisfy({ $0 &- 0x30 < 10 }),
            !digits[0..<6].allSatisfy({ $0 == 0x30 })
        else { return nil }
        let hasStreet = !Self.isZero(digits[6..<9])
        let hasCommunity = !Self.isZero(digits[9..<12])
        // A part may be missing only at the end: no community without a street, no grid without a community.
        if hasCommunity, !hasStreet { return nil }
        if digits.count == 15, !hasCommunity || Self.isZero(digits[12..<15]) { return nil }
        self.description = description
    }

    private static func isZero(_ digits: ArraySlice<UInt8>) -> Bool { digits.allSatisfy { $0 == 0x30 } }

    private init(known description: String) { self.description = description }

    public var level: AreaLevel {
        if description.utf8.count == 15 { return .grid }
        if !description.hasSuffix("000") { return .community }
        return description.hasSuffix("000000") ? .district : .street
    }

    public var district: AreaCode { AreaCode(known: description.prefix(6) + "000000") }
    /// The street this area belongs to; `nil` for a district.
    public var street: AreaCode? { level == .district ? nil : AreaCode(known: description.prefix(9) + "000") }
    /// The community this area belongs to; `nil` for a street or a district.
    public var community: AreaCode? {
        level == .grid || level == .community ? AreaCode(known: String(description.prefix(12))) : nil
    }

    /// The area one level up; `nil` for a district.
    public var parent: AreaCode? {
        switch level {
        case .grid: community
        case .community: street
        case .street: district
        case .district: nil
        }
    }

    /// Whether `other` is this area or lies in it.
    public func contains(_ other: AreaCode) -> Bool {
        switch level {
        case .district: other.district == self
        case .street: other.street == self
        case .community: other.community == self
        case .grid: other == self
        }
    }
}

/// The levels of the chain district, street, community, grid.
public enum AreaLevel: String, WireCode {
    case district, street, community, grid

    public var titles: Titles {
        switch self {
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
