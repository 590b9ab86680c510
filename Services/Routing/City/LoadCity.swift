import Contracts
import Postgres

extension PostgresTransaction {
    /// The city as its rows say: whole, or what has changed since `known`. Over one snapshot, or under the lock of ``CityQueries/nextVersion``.
    ///
    /// Throws `DataFileError` for rules that cannot be read.
    mutating func loadCity(after known: CityData = CityData()) async throws -> CityData {
        var data = known
        let since = known.version
        guard let version = try await query(CityQueries.version, as: Int64.self).first else {
            throw CityIncomplete("the table city_version is empty")
        }
        let areas = try await query(CityQueries.areas(after: since), as: KeptEntry<AreaEntry>.self)
        let departments = try await query(CityQueries.departments(after: since), as: KeptEntry<Department>.self)
        let plates = try await query(CityQueries.plates(after: since), as: KeptEntry<Plate>.self)
        for category in try await query(CityQueries.categories(after: since), as: CategoryEntry.self) {
            data.categoryNames[category.code] = category.name
        }
        data.directory = known.directory.applying(areas, departments, plates)
        let lastSet = known.ruleSets.last?.id ?? 0
        data.ruleSets += try await query(CityQueries.ruleSets(after: lastSet), as: RuleSetEntry.self)
        let needed = data.neededVersions
        data.contents = data.contents.filter { needed.contains($0.key) }
        let missing = needed.subtracting(data.contents.keys).sorted()
        if !missing.isEmpty {
            for version in try await query(CityQueries.versions(missing), as: RuleVersion.self) {
                data.contents[version.id] = try version.document.content()
            }
        }
        data.version = version
        return data
    }
}

extension Directory {
    /// With entries as they now are.
    fileprivate func applying(
        _ areaEntries: [KeptEntry<AreaEntry>], _ departmentEntries: [KeptEntry<Department>], _ plateEntries: [KeptEntry<Plate>]
    ) -> Directory {
        if areaEntries.isEmpty, departmentEntries.isEmpty, plateEntries.isEmpty { return self }
        var (areas, grids, departments, plates) = (areas, grids, departments, plates)
        for entry in areaEntries {
            switch entry.value {
            case .area(let area): areas[area.code] = entry.isRetired ? nil : area
            case .grid(let grid): grids[grid.code] = entry.isRetired ? nil : grid
            }
        }
        for entry in departmentEntries { departments[entry.value.code] = entry.isRetired ? nil : entry.value }
        for entry in plateEntries { plates[entry.value.code] = entry.isRetired ? nil : entry.value }
        return Directory(
            areas: areas, grids: grids.values.sorted { $0.code < $1.code }, departments: departments, plates: plates)
    }
}
