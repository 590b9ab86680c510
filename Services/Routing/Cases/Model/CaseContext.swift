import Contracts

/// What a decision may look at besides the case: the city's data, nothing that changes by itself.
struct CaseContext: Sendable {
    let calendar: WorkCalendar
    let profiles: [String: ClockProfile]
    let policy: CasePolicy
    /// Names by code.
    let departments: [DepartmentCode: String]
    /// Where the ids of new whistles and orders come from.
    let ids: UUIDv7Generator

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

/// Who acts: in which role it is judged, and under which code it is recorded.
struct CaseActor: Hashable, Sendable {
    enum Role: Hashable, Sendable {
        case resident
        case unit(CaseUnit)
        /// The catalogue or a clock.
        case rule
    }
    let role: Role
    let code: Actor

    init(_ role: Role, code: Actor) {
        self.role = role
        self.code = code
    }
}
