public import JSON

/// Who took a step: in what role, for which unit, and which person of that unit, by id alone. Never a person's name.
public struct Actor: Sendable, Hashable, CustomStringConvertible {
    public enum Role: Sendable, Hashable {
        /// Who reported, or everybody whose ticket was merged into the case.
        case resident
        case community(AreaCode)
        case street(AreaCode)
        case district(AreaCode)
        case department(DepartmentCode)
        /// The dispatch catalogue 派单目录, which sends some cases straight to departments.
        case catalogue
        /// A time limit that was reached.
        case clock
    }

    public let role: Role
    /// The person of the staff; nil for residents and rules, and where a unit's own system speaks for it.
    public let person: PersonID?

    public init(_ role: Role, person: PersonID? = nil) {
        self.role = role
        self.person = person
    }

    public static let resident = Actor(.resident)
    public static let catalogue = Actor(.catalogue)
    public static let clock = Actor(.clock)

    /// The area's or department's code; nil for who is no unit.
    public var code: String? {
        switch role {
        case .community(let area), .street(let area), .district(let area): area.description
        case .department(let department): department.description
        case .resident, .catalogue, .clock: nil
        }
    }

    /// `street:310106019000`, `resident`, `clock`: role and unit, without the person.
    public var description: String { code.map { "\(kind.rawValue):\($0)" } ?? kind.rawValue }
}

/// The roles in which somebody can act on a case.
public enum ActorKind: String, WireCode {
    case resident, community, street, district, department, catalogue, clock

    public var titles: Titles {
        switch self {
        case .resident: Titles("居民", "Resident")
        case .community: Titles("社区", "Community")
        case .street: Titles("街道", "Street centre")
        case .district: Titles("区平台", "District")
        case .department: Titles("部门", "Department")
        case .catalogue: Titles("派单目录", "Dispatch catalogue")
        case .clock: Titles("到时限自动", "Time limit")
        }
    }
}

extension Actor {
    public var kind: ActorKind {
        switch role {
        case .resident: .resident
        case .community: .community
        case .street: .street
        case .district: .district
        case .department: .department
        case .catalogue: .catalogue
        case .clock: .clock
        }
    }

    /// As ``description`` has it; nil for anything else.
    public init?(_ description: String, person: PersonID? = nil) {
        let parts = description.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let kind = ActorKind(rawValue: parts[0]), let role = Role(kind, unit: parts.count == 2 ? parts[1] : nil) else { return nil }
        self.init(role, person: person)
    }
}

extension Actor.Role {
    /// The community, street or district; nil for areas in whose name nobody acts.
    public init?(_ area: AreaCode) {
        switch area.level {
        case .community: self = .community(area)
        case .street: self = .street(area)
        case .district: self = .district(area)
        case .grid, .city: return nil
        }
    }

    /// nil for a unit that is missing, of another form, or named where there is none.
    init?(_ kind: ActorKind, unit: String?) {
        switch (kind, unit) {
        case (.resident, nil): self = .resident
        case (.catalogue, nil): self = .catalogue
        case (.clock, nil): self = .clock
        case (.department, let unit?):
            guard let department = DepartmentCode(unit) else { return nil }
            self = .department(department)
        case (.community, let unit?), (.street, let unit?), (.district, let unit?):
            guard let area = AreaCode(unit), area.level.rawValue == kind.rawValue else { return nil }
            self.init(area)
        default: return nil
        }
    }
}

extension Actor: JSONDecodable, JSONObjectEncodable {
    public init(json: inout JSONReader) throws(JSONError) {
        let start = json
        let actor = try json.object { m throws(JSONError) in
            let (kind, unit, person) = (
                try m.required("role") as ActorKind, try m.optional("unit") as String?, try m.optional("person") as PersonID?
            )
            return Role(kind, unit: unit).map { Actor($0, person: person) }
        }
        guard let actor else { throw start.failure(.invalidValue, "the unit is not one of that role") }
        self = actor
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("role", kind)
        o.member("unit", code)
        o.member("person", person)
    }
}
