import Contracts
import FoundationEssentials

@testable import Routing

/// The demo street as it lies in `deploy/demo`, read by the loaders that the service uses.
struct DemoStreet {
    let directory: Directory
    let calendar: WorkCalendar
    let rules: ClockRules
    let categories: Categories
    let catalogueFile: CatalogueFile
    let catalogue: Catalogue

    init() throws {
        directory = try Directory.load(
            areas: Self.file("areas"), grids: Self.file("grids"), departments: Self.file("departments"),
            plates: Self.file("plates"))
        calendar = try WorkCalendar.load(Self.file("calendar"))
        rules = try ClockRules.load(Self.file("clocks"))
        categories = try Categories.load(Self.file("categories"))
        catalogueFile = try CatalogueFile.load(Self.file("catalogue"))
        catalogue = Catalogue(
            version: catalogueFile.version, rows: catalogueFile.rows, calendar: calendar,
            departments: Set(directory.departments.keys), profiles: Set(rules.profiles.keys))
    }

    static func file(_ name: String) throws -> DataFile {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "deploy/demo/\(name).json"))
        return DataFile(name: "\(name).json", bytes: Array(data))
    }

    func background(today: String = "2026-11-21") throws -> CatalogueBackground {
        try CatalogueBackground(
            area: known(directory.root), departments: directory.departments, profiles: Set(rules.profiles.keys),
            categories: Set(categories.list.map(\.code.description)),
            areas: directory.areas.keys.map(\.description) + directory.grids.keys.map(\.description),
            questions: categories.questionCodes, today: try known(ChineseDay(today)))
    }

    var context: CaseContext {
        CaseContext(
            calendar: calendar, profiles: rules.profiles, policy: rules.policy,
            departments: directory.departments.mapValues(\.name), serves: directory.departments.mapValues(\.serves), ids: CaseWorld.ids)
    }
}

struct Missing: Error {}
/// A value that the test wrote itself and that must therefore be there.
func known<T>(_ value: T?) throws -> T {
    guard let value else { throw Missing() }
    return value
}

/// The demo has one street, and one rule set.
extension City {
    var street: AreaCode { common }
    var categories: Categories { rules(in: common).categories }
    var catalogue: Catalogue { rules(in: common).catalogue }
    var context: CaseContext { context(of: rules(in: common)) }
}
