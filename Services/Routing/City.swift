import Contracts
import Crypto
import FoundationEssentials

/// What this street is and by which rules it works: read from files at start, checked as a whole, never changed afterwards.
struct City: Sendable {
    let street: AreaCode
    let directory: Directory
    let categories: Categories
    let classifier: Classifier
    let catalogue: Catalogue
    let catalogueHash: [UInt8]
    let context: CaseContext
    /// The class of what nobody could class.
    let other: Category

    /// Reads the files of a folder. Throws `DataFileError` with file, place and reason of the first thing that is wrong.
    init(folder: String, street: String, today: ChineseDay, ids: UUIDv7Generator) throws {
        func file(_ name: String) throws(DataFileError) -> DataFile {
            guard let data = try? Data(contentsOf: URL(filePath: folder).appending(path: name)) else {
                throw DataFileError(file: name, pointer: "#", code: "unreadable", reason: "\(folder)/\(name) cannot be read")
            }
            return DataFile(name: name, bytes: Array(data))
        }
        directory = try Directory.load(
            areas: file("areas.json"), grids: file("grids.json"), departments: file("departments.json"),
            plates: file("plates.json"))
        let calendar = try WorkCalendar.load(file("calendar.json"))
        let rules = try ClockRules.load(file("clocks.json"))
        categories = try Categories.load(file("categories.json"))
        classifier = Classifier(categories.list)
        let source = try file("catalogue.json")
        let rows = try CatalogueFile.load(source)
        guard let code = AreaCode(street), directory.areas[code]?.level == .street else {
            throw DataFileError(file: "areas.json", pointer: "#/areas", code: "unknown-street", reason: "没有街道 \(street)")
        }
        self.street = code
        guard let other = CategoryCode(Self.otherCode).flatMap({ [categories] in categories.byCode[$0] }) else {
            throw DataFileError(
                file: "categories.json", pointer: "#/categories", code: "missing-category", reason: "缺少类别 \(Self.otherCode)")
        }
        self.other = other
        let departments = Set(directory.departments.keys)
        catalogue = Catalogue(
            version: rows.version, rows: rows.rows, calendar: calendar, departments: departments,
            profiles: Set(rules.profiles.keys), names: directory.departments.mapValues(\.name))
        catalogueHash = SHA256.hash(source.bytes)
        context = CaseContext(
            calendar: calendar, profiles: rules.profiles, policy: rules.policy, departments: directory.departments.mapValues(\.name),
            ids: ids)
        try Self.judge(rows, in: source, background(today: today))
    }

    private static let otherCode = "E99999"

    private func background(today: ChineseDay) -> CatalogueBackground {
        CatalogueBackground(
            departments: Set(context.departments.keys), profiles: Set(context.profiles.keys),
            categories: Set(categories.list.map(\.code.description)),
            areas: directory.areas.keys.map(\.description) + directory.grids.keys.map(\.description),
            questions: categories.questionCodes, today: today)
    }

    private static func judge(_ catalogue: CatalogueFile, in file: DataFile, _ background: CatalogueBackground) throws(DataFileError) {
        let findings = CatalogueValidation.findings(in: catalogue.rows, against: background)
        guard let first = findings.first(where: { $0.severity == .error }) else { return }
        throw file.error(first.code, at: "#/rows/\(first.row - 1)", first.text)
    }

    func name(of category: CategoryCode) -> String { categories.byCode[category]?.name ?? category.description }

    func name(of unit: CaseUnit) -> String {
        switch unit {
        case .community(let area), .street(let area), .district(let area): directory.name(of: area)
        case .department(let code): directory.departments[code]?.name ?? code.description
        case .nobody: "—"
        }
    }
}
