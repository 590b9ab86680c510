import Contracts
import EventLog
import Synchronization

/// The places, units and rules of one installation, as of one change of them: immutable, exchanged as a whole.
struct City: Sendable {
    let data: CityData
    /// In force, by the area they were activated in.
    let inForce: [AreaCode: RuleSet]
    /// Of every rule set that ever was in force: a case is worked on by the limits that it was opened with.
    private let limits: [RuleSetID: ClockRules]
    /// Those of the city's own rule set, which every other one falls back on.
    private let general: RuleSet
    /// Where something is whose place nobody knows: the smallest area that every street lies in.
    let common: AreaCode
    private let departmentNames: [DepartmentCode: String]
    private let serves: [DepartmentCode: [AreaCode]]
    let ids: UUIDv7Generator

    /// Throws where no rule set is in force for the city as a whole.
    init(_ data: CityData, ids: UUIDv7Generator) throws(CityIncomplete) {
        guard let root = data.directory.root else { throw CityIncomplete("no city is among the areas") }
        var inForce: [AreaCode: RuleSet] = [:]
        for (area, entry) in data.inForce where data.directory.areas[area] != nil {
            inForce[area] = try RuleSet(entry, data.contents, data.directory)
        }
        guard let general = inForce[root] else { throw CityIncomplete("no rules are in force for the city \(root)") }
        self.data = data
        self.inForce = inForce
        self.general = general
        common = data.directory.common ?? root
        limits = data.ruleSets.reduce(into: [:]) { limits, entry in
            if case .clocks(let clocks)? = entry.versions[.clocks].flatMap({ data.contents[$0] }) { limits[entry.id] = clocks }
        }
        serves = data.directory.departments.mapValues(\.serves)
        departmentNames = data.directory.departments.mapValues(\.name)
        self.ids = ids
    }

    var directory: Directory { data.directory }

    /// The rules of an area: its own, else those of the nearest area above it.
    func rules(in area: AreaCode) -> RuleSet { area.nearest(in: inForce) ?? general }

    /// What a decision on a new case may look at.
    func context(of rules: RuleSet) -> CaseContext { context(rules.clocks, rules.calendar) }

    /// What a decision on a case may look at: the limits that it was opened with, today's calendar.
    func context(of serviceCase: ServiceCase) -> CaseContext {
        let now = rules(in: serviceCase.place.area)
        return context(limits[serviceCase.routing.rules] ?? now.clocks, now.calendar)
    }

    private func context(_ clocks: ClockRules, _ calendar: WorkCalendar) -> CaseContext {
        CaseContext(
            calendar: calendar, profiles: clocks.profiles, policy: clocks.policy, departments: departmentNames, serves: serves, ids: ids)
    }

    /// Where departments answer.
    var feedbackTopics: [String] { Topics.all(departments: directory.topics).filter { $0.owner == .department }.map(\.name) }

    func calendar(of serviceCase: ServiceCase) -> WorkCalendar { rules(in: serviceCase.place.area).calendar }

    func name(of category: CategoryCode) -> String { data.categoryNames[category] ?? category.description }

    func name(of unit: CaseUnit) -> String {
        switch unit {
        case .community(let area), .street(let area), .district(let area): directory.name(of: area)
        case .department(let code): directory.departments[code]?.name ?? code.description
        case .nobody: "—"
        }
    }
}

extension AreaCode {
    /// What is there for this area, else for the nearest area above it.
    func nearest<Value>(in values: [AreaCode: Value]) -> Value? {
        var area: AreaCode? = self
        while let code = area {
            if let own = values[code] { return own }
            area = code.parent
        }
        return nil
    }
}

/// Why there is no city to work for yet.
struct CityIncomplete: Error, CustomStringConvertible {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    var description: String { "\(reason): import the city's files first (“routing import FOLDER”)" }
}

/// The city as it is now, for all who work with it. A decision takes it once and works with that.
final class CurrentCity: Sendable {
    private let state: Mutex<City>

    init(_ city: City) { state = Mutex(city) }

    var now: City { state.withLock { $0 } }

    /// Exchanges it, unless what is there is newer.
    func exchange(_ city: City) { state.withLock { if $0.data.version < city.data.version { $0 = city } } }
}
