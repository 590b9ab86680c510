import Contracts

extension City {
    /// Of the files in a folder.
    init(folder: String, today: ChineseDay, ids: UUIDv7Generator) throws {
        guard let files = try ImportCommand.files([folder], nil).first else { throw CityIncomplete("\(folder) is empty") }
        try self.init(files: files, today: today, ids: ids)
    }

    /// Of files alone, kept nowhere: to try places and rules out. The rules are in force in the whole city.
    ///
    /// Throws `DataFileError` for the first thing that is wrong.
    init(files: CityFiles, today: ChineseDay, ids: UUIDv7Generator) throws {
        var data = CityData(version: 1)
        data.directory = try Directory.empty.replacing(files.places)
        guard let root = data.directory.root else {
            throw DataFileError(file: "areas.json", pointer: "#/areas", code: "no-city", reason: "区划里没有市")
        }
        var versions: [RuleKind: RuleVersionID] = [:]
        for (id, kind) in zip(1..., RuleKind.allCases) {
            guard let file = files.rules[kind] else { continue }
            data.contents[RuleVersionID(id)] = try RuleDocument(kind, file).content(file)
            versions[kind] = RuleVersionID(id)
        }
        data.ruleSets = [RuleSetEntry(id: 1, area: root, versions: versions)]
        for category in data.categoriesInForce { data.categoryNames[category.key] = category.value }
        try self.init(data, ids: ids)
        for rules in inForce.values {
            guard let finding = rules.findings(in: data.directory, today: today).first(where: { $0.severity == .error }) else { continue }
            throw DataFileError(
                file: files.rules[.catalogue]?.name ?? "catalogue", pointer: "#/rows/\(finding.row - 1)", code: finding.code,
                reason: finding.text)
        }
    }
}

extension RuleSet {
    /// What is wrong or doubtful with the catalogue among these places and units.
    func findings(in directory: Directory, today: ChineseDay) -> [CatalogueFinding] {
        CatalogueValidation.findings(
            in: catalogue.rows,
            against: CatalogueBackground(
                area: area, departments: directory.departments, profiles: Set(clocks.profiles.keys),
                categories: Set(categories.list.map(\.code.description)),
                areas: directory.areas.keys.map(\.description) + directory.grids.keys.map(\.description),
                questions: categories.questionCodes, today: today))
    }
}
