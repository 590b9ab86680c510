import Contracts
import JSON

/// One entry of the directory, whatever it is.
enum DirectoryItem: Sendable {
    case area(Area)
    case grid(Grid)
    case department(Department)
    case category(CategoryCode, name: String)
    case plate(Plate)

    /// Unique among all of them.
    var code: String {
        switch self {
        case .area(let area): area.code.description
        case .grid(let grid): grid.code.description
        case .department(let department): department.code.description
        case .category(let code, _): code.description
        case .plate(let plate): plate.code.description
        }
    }

    /// What the other services are told of it.
    var registration: any RegistrationEvent {
        switch self {
        case .area(let area): AreaRegistered(area: area.code, level: area.level, name: area.name, parent: area.parent)
        case .grid(let grid): AreaRegistered(area: grid.code, level: .grid, name: grid.name, parent: grid.community)
        case .department(let department): DepartmentRegistered(department: department.code, name: department.name)
        case .category(let code, let name): CategoryRegistered(category: code, name: name)
        case .plate(let plate):
            PlateRegistered(
                plate: plate.code, kind: plate.kind, name: plate.name, lat: plate.point.latitude, lng: plate.point.longitude,
                grid: plate.grid, community: plate.community, street: plate.community.street ?? plate.community,
                chips: plate.chips.map { PlateChip(category: $0.category, label: $0.label) })
        }
    }

    var retirement: any RetirementEvent {
        switch self {
        case .area(let area): AreaRetired(area: area.code)
        case .grid(let grid): AreaRetired(area: grid.code)
        case .department(let department): DepartmentRetired(department: department.code)
        case .category(let code, _): CategoryRetired(category: code)
        case .plate(let plate): PlateRetired(plate: plate.code)
        }
    }

    /// Parents come before what lies in them.
    var order: (Int, String) {
        switch self {
        case .area(let area): (AreaLevel.allCases.firstIndex(of: area.level) ?? 0, code)
        case .grid: (AreaLevel.allCases.count, code)
        case .department: (AreaLevel.allCases.count + 1, code)
        case .category: (AreaLevel.allCases.count + 2, code)
        case .plate: (AreaLevel.allCases.count + 3, code)
        }
    }

    /// Whether the two say the same, down to what no event says.
    func isSame(as other: DirectoryItem) -> Bool {
        switch (self, other) {
        case (.area(let one), .area(let other)): one == other
        case (.grid(let one), .grid(let other)): one == other
        case (.department(let one), .department(let other)): one == other
        case (.category(_, let one), .category(_, let other)): one == other
        case (.plate(let one), .plate(let other)): one == other
        default: false
        }
    }
}

/// What an import changes of the directory.
struct DirectoryChange: Sendable {
    let item: DirectoryItem
    /// As it was; nothing for what is new, or was retired.
    let before: DirectoryItem?
    let isRetired: Bool

    /// What is said of it; nothing where no other service would see a difference.
    var event: (any DirectoryEvent)? {
        if isRetired { return item.retirement }
        let event = item.registration
        return before?.registration.json == event.json ? nil : event
    }

    /// New and changed entries, parents first; then those that are gone, children first: nothing in use ever stands in what was retired.
    static func all(from before: [DirectoryItem], to after: [DirectoryItem]) -> [DirectoryChange] {
        let (old, new) = (byCode(before), byCode(after))
        let changed = after.filter { item in old[item.code].map { !$0.isSame(as: item) } ?? true }
        let gone = before.filter { new[$0.code] == nil }
        return changed.sorted { $0.order < $1.order }.map { .init(item: $0, before: old[$0.code], isRetired: false) }
            + gone.sorted { $0.order > $1.order }.map { .init(item: $0, before: $0, isRetired: true) }
    }

    private static func byCode(_ items: [DirectoryItem]) -> [String: DirectoryItem] {
        Dictionary(items.map { ($0.code, $0) }, uniquingKeysWith: { $1 })
    }
}

extension CityData {
    /// Everything that the other services are told of.
    var items: [DirectoryItem] {
        directory.areas.values.map(DirectoryItem.area) + directory.grids.values.map(DirectoryItem.grid)
            + directory.departments.values.map(DirectoryItem.department) + directory.plates.values.map(DirectoryItem.plate)
            + categoriesInForce.map { .category($0.key, name: $0.value) }
    }

    /// Of all rule sets in force, by the latest set's names.
    var categoriesInForce: [CategoryCode: String] {
        inForce.values.sorted { $0.id < $1.id }.reduce(into: [:]) { names, entry in
            guard case .categories(let rules)? = entry.versions[.categories].flatMap({ contents[$0] }) else { return }
            for category in rules.categories.list { names[category.code] = category.name }
        }
    }
}
