import Contracts

/// What a decision may look at besides the case: the city's data, nothing that changes by itself.
struct CaseContext: Sendable {
    let calendar: WorkCalendar
    let profiles: [String: ClockProfile]
    let policy: CasePolicy
    /// Names by code.
    let departments: [DepartmentCode: String]
    /// Where each can be called.
    let serves: [DepartmentCode: [AreaCode]]
    /// Where the ids of new whistles and orders come from.
    let ids: UUIDv7Generator

    /// Whether a department exists and can be called to a place.
    func canCall(_ department: DepartmentCode, to place: CasePlace) -> Bool {
        departments[department] != nil && (serves[department]?.contains { $0.contains(place.area) } ?? false)
    }

    func name(of department: DepartmentCode) -> String { departments[department] ?? department.description }
}

/// A city's numbers that are no clocks.
struct CasePolicy: Sendable, Hashable {
    /// 应急哨: on the spot within this many minutes.
    let emergencyArrivalMinutes: Int
    /// How often a case goes back to the same handler before the street takes it.
    let reopenLimit: Int
    let longestSuspensionDays: Int
    /// Each event of a case names the tickets that joined it; with more of them it is no longer small.
    static let mostJoined = 100
}

extension Actor {
    init?(unit: CaseUnit, person: PersonID? = nil) {
        switch unit {
        case .community(let area): self.init(.community(area), person: person)
        case .street(let area): self.init(.street(area), person: person)
        case .district(let area): self.init(.district(area), person: person)
        case .department(let department): self.init(.department(department), person: person)
        case .nobody: return nil
        }
    }

    /// The unit acted for; nil for a resident and for a rule.
    var unit: CaseUnit? {
        switch role {
        case .community(let area): .community(area)
        case .street(let area): .street(area)
        case .district(let area): .district(area)
        case .department(let department): .department(department)
        case .resident, .catalogue, .clock: nil
        }
    }

    /// The catalogue or a time limit.
    var isRule: Bool { role == .catalogue || role == .clock }
}
