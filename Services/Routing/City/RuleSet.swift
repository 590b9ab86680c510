import Contracts

/// Number of a rule set; higher is later.
typealias RuleSetID = Int64
/// Number of a version of one kind of rules.
typealias RuleVersionID = Int64

/// The four kinds of rules; each has versions of its own.
enum RuleKind: String, CaseIterable, Sendable {
    case categories, calendar, clocks, catalogue
}

/// Which versions are in force in an area.
struct RuleSetEntry: Sendable, Hashable {
    let id: RuleSetID
    /// Where it was activated; it is in force there and below, but where another one is.
    let area: AreaCode
    let versions: [RuleKind: RuleVersionID]
}

/// By which rules the cases of an area are opened: one version of each kind. Immutable.
struct RuleSet: Sendable {
    let id: RuleSetID
    let area: AreaCode
    let categories: Categories
    let classifier: Classifier
    let catalogue: Catalogue
    let calendar: WorkCalendar
    let clocks: ClockRules
    /// The class of what nobody could class.
    let other: Category

    /// Throws where a version is missing or is none of its kind.
    init(_ entry: RuleSetEntry, _ contents: [RuleVersionID: RuleContent], _ directory: Directory) throws(CityIncomplete) {
        func content(_ kind: RuleKind) -> RuleContent? { entry.versions[kind].flatMap { contents[$0] } }
        guard case .categories(let categories)? = content(.categories), case .calendar(let calendar)? = content(.calendar),
            case .clocks(let clocks)? = content(.clocks), case .catalogue(let catalogue)? = content(.catalogue)
        else { throw CityIncomplete("rule set \(entry.id) of \(entry.area) lacks a version") }
        id = entry.id
        area = entry.area
        self.categories = categories.categories
        classifier = categories.classifier
        other = categories.other
        self.calendar = calendar
        self.clocks = clocks
        self.catalogue = Catalogue(
            version: catalogue.version, rules: entry.id, rows: catalogue.rows, calendar: calendar,
            departments: Set(directory.departments.keys), profiles: Set(clocks.profiles.keys),
            names: directory.departments.mapValues(\.name))
    }
}
