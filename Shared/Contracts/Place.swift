public import JSON

/// A point on the ground in WGS-84 (CGCS2000) degrees. Other datums are converted before they come here.
public struct GeoPoint: Sendable, Hashable, JSONObjectDecodable, JSONObjectEncodable {
    public let lat: Double
    public let lng: Double

    /// `nil` outside ±90 and ±180 degrees, and for what is no number.
    public init?(lat: Double, lng: Double) {
        guard lat.magnitude <= 90, lng.magnitude <= 180 else { return nil }
        self.lat = lat
        self.lng = lng
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        (lat, lng) = (try m.degrees("lat", upTo: 90), try m.degrees("lng", upTo: 180))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("lat", lat)
        o.member("lng", lng)
    }
}

/// Who must act next on a case.
public enum CaseOwner: Sendable, Hashable, JSONDecodable, JSONObjectEncodable {
    case community(AreaCode)
    case street(AreaCode)
    case department(DepartmentCode)
    case district(AreaCode)
    case none

    public var kind: OwnerKind {
        switch self {
        case .community: .community
        case .street: .street
        case .department: .department
        case .district: .district
        case .none: .none
        }
    }

    /// The area's or department's code; `nil` for nobody.
    public var code: String? {
        switch self {
        case .community(let area), .street(let area), .district(let area): area.description
        case .department(let department): department.description
        case .none: nil
        }
    }

    /// `nil` when the code is not one of that kind.
    public init?(kind: OwnerKind, code: String?) {
        let area = code.flatMap { AreaCode($0) }
        switch (kind, area, code) {
        case (.community, let area?, _): self = .community(area)
        case (.street, let area?, _): self = .street(area)
        case (.district, let area?, _): self = .district(area)
        case (.department, _, let code?):
            guard let department = DepartmentCode(code) else { return nil }
            self = .department(department)
        case (.none, _, nil): self = .none
        default: return nil
        }
    }

    public init(json: inout JSONReader) throws(JSONError) {
        let offset = json
        let owner = try json.object { m throws(JSONError) in
            CaseOwner(kind: try m.required("role"), code: try m.optional("unit"))
        }
        guard let owner else { throw offset.failure(.invalidValue, "the unit is not one of that role") }
        self = owner
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("role", kind)
        o.member("unit", code)
    }
}

extension JSONMembers {
    /// The smallest area that is sure, with the city and the street that it lies in: readers need not work them out.
    mutating func area() throws(JSONError) -> AreaCode {
        let (city, street) = (try required("city") as AreaCode, try optional("street") as AreaCode?)
        return try read("area") { json throws(JSONError) in
            let area = try AreaCode(json: &json)
            guard area.city == city, street == nil || area.street == street else {
                throw json.failure(.invalidValue, "the area is not in that city and street")
            }
            return area
        }
    }

    /// No free text in an event is longer: 16 KiB. Doors have smaller limits of their own.
    static let maxTextBytes = 16_384

    mutating func text(_ name: StaticString) throws(JSONError) -> String {
        try read(name) { value throws(JSONError) in try value.string(maxBytes: Self.maxTextBytes) }
    }

    mutating func optionalText(_ name: StaticString) throws(JSONError) -> String? {
        try readIfPresent(name) { value throws(JSONError) in try value.string(maxBytes: Self.maxTextBytes) }
    }

    mutating func degrees(_ name: StaticString, upTo limit: Double) throws(JSONError) -> Double {
        try read(name) { value throws(JSONError) in try Self.degrees(&value, upTo: limit) }
    }

    mutating func optionalDegrees(_ name: StaticString, upTo limit: Double) throws(JSONError) -> Double? {
        try readIfPresent(name) { value throws(JSONError) in try Self.degrees(&value, upTo: limit) }
    }

    private static func degrees(_ value: inout JSONReader, upTo limit: Double) throws(JSONError) -> Double {
        let start = value
        let degrees = try value.double()
        guard degrees.magnitude <= limit else { throw start.failure(.outOfRange, "more than \(Int(limit)) degrees") }
        return degrees
    }
}

extension JSONObjectWriter {
    /// As ``JSONMembers/area()`` reads it.
    mutating func member(area: AreaCode) {
        member("city", area.city)
        member("street", area.street)
        member("area", area)
    }
}
