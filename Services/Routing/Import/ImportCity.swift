import Contracts
import EventLog
import Postgres

/// What is to be imported: whole or not at all.
struct CityFiles: Sendable {
    /// What the files are about: the places in it, and where the rules are to be in force. Without one the whole city.
    var area: AreaCode?
    var areas: DataFile?, grids: DataFile?, departments: DataFile?, plates: DataFile?
    var rules: [RuleKind: DataFile] = [:]

    var places: PlaceFiles { PlaceFiles(areas: areas, grids: grids, departments: departments, plates: plates, within: area) }
}

/// What an import changed, or would change.
struct ImportReport: Sendable {
    var added = 0, changed = 0, retired = 0, events = 0
    /// The rule sets that are in force now, by area.
    var activated: [AreaCode: RuleSetID] = [:]
    /// What is doubtful and was taken nevertheless.
    var warnings: [String] = []
    var isEmpty: Bool { added + changed + retired == 0 && activated.isEmpty }
}

/// 导入: places, units and rules as files say, in one commit with what the other services are told of it. The same files once more change
/// nothing.
struct ImportCity: Sendable {
    let pool: PostgresPool
    let outbox: Outbox
    let clock: any Timekeeper

    private struct DryRun: Error { let report: ImportReport }

    /// Takes all of these, in this order, or none. Throws `DataFileError` for the first thing that is wrong.
    func run(_ imports: [CityFiles], isDryRun: Bool = false) async throws -> ImportReport {
        do {
            return try await pool.transaction { transaction in
                _ = try await transaction.query(CityQueries.nextVersion, as: Int64.self)
                let before = try await transaction.loadCity()
                var after = before
                var report = ImportReport()
                for files in imports {
                    after.directory = try after.directory.replacing(files.places)
                    try await activate(files, in: &after, &report, &transaction)
                }
                try judgeRules(of: after, imports, &report)
                try await write(DirectoryChange.all(from: before.items, to: after.items), after.version, &report, &transaction)
                // A number that says nothing new would make every replica look in vain.
                if report.isEmpty || isDryRun { throw DryRun(report: report) }
                return report
            }
        } catch let unchanged as DryRun {
            return unchanged.report
        }
    }

    // MARK: Rules

    /// Keeps the versions that are not kept yet, and puts them in force where they are not.
    private func activate(
        _ files: CityFiles, in data: inout CityData, _ report: inout ImportReport, _ transaction: inout PostgresTransaction
    ) async throws {
        guard let (kind, file) = files.rules.first else { return }
        guard let area = files.area ?? data.directory.root, data.directory.areas[area] != nil else {
            throw file.error("unknown-area", at: "#", "没有区划 \(files.area?.description ?? "（市）")，不能启用 \(kind.rawValue)")
        }
        let present = area.nearest(in: data.inForce)
        var versions = present?.versions ?? [:]
        for kind in RuleKind.allCases {
            guard let file = files.rules[kind] else { continue }
            let document = try RuleDocument(kind, file)
            let content = try document.content(file)
            versions[kind] = try await keep(document, &transaction)
            if let id = versions[kind] { data.contents[id] = content }
        }
        let missing = RuleKind.allCases.filter { versions[$0] == nil }
        guard missing.isEmpty else {
            throw file.error("rules-incomplete", at: "#", "\(area) 还缺少：\(missing.map(\.rawValue).joined(separator: "、"))")
        }
        // The same versions are in force there already.
        if present?.versions == versions { return }
        guard let id = try await transaction.query(ImportQueries.activate(versions, in: area, at: clock.now()), as: RuleSetID.self).first
        else { return }
        data.ruleSets.append(RuleSetEntry(id: id, area: area, versions: versions))
        report.activated[area] = id
    }

    private func keep(_ document: RuleDocument, _ transaction: inout PostgresTransaction) async throws -> RuleVersionID? {
        let there = ImportQueries.version(document.kind, hash: document.hash)
        if let known = try await transaction.query(there, as: RuleVersionID.self).first { return known }
        let id = try await transaction.query(ImportQueries.addVersion(document, at: clock.now()), as: RuleVersionID.self).first
        if let id { transaction.enqueue(ImportQueries.addRows(document.rows, of: id)) }
        return id
    }

    /// Every rule set in force must make sense among the places and units as they will be.
    private func judgeRules(of data: CityData, _ imports: [CityFiles], _ report: inout ImportReport) throws {
        guard let root = data.directory.root else {
            throw DataFileError(file: "areas", pointer: "#/areas", code: "no-city", reason: "区划里没有市")
        }
        for entry in data.inForce.values.sorted(by: { $0.area < $1.area }) {
            guard data.directory.areas[entry.area] != nil else { continue }
            let rules = try RuleSet(entry, data.contents, data.directory)
            let given = imports.last { ($0.area ?? root) == entry.area }?.rules[.catalogue]
            let file = given ?? DataFile(name: "catalogue of \(entry.area)", bytes: [])
            for finding in rules.findings(in: data.directory, today: clock.now().day) {
                guard finding.severity == .warning else { throw file.error(finding.code, at: "#/rows/\(finding.row - 1)", finding.text) }
                if report.activated[entry.area] != nil { report.warnings.append("\(file.name): \(finding)") }
            }
        }
    }

    // MARK: Places and units

    private static let batch = 2_000

    private func write(
        _ changes: [DirectoryChange], _ cityVersion: Int64, _ report: inout ImportReport, _ transaction: inout PostgresTransaction
    ) async throws {
        var rest = changes[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Self.batch)
            rest = rest.dropFirst(Self.batch)
            let known = try await transaction.query(ImportQueries.versions(of: batch.map(\.item.code))) { row in
                (try row["code"] as String, try row["version"] as Int32)
            }
            let versions = Dictionary(known, uniquingKeysWith: { $1 })
            var entries: [VersionedChange] = []
            var events: [CommittedEvent] = []
            for change in batch {
                let before = versions[change.item.code] ?? 0
                let event = change.event
                entries.append(VersionedChange(change: change, version: before + (event == nil ? 0 : 1)))
                if let event { events.append(outbox.prepare(event, version: before + 1)) }
                report.count(change)
            }
            for statement in ImportQueries.put(entries, changed: cityVersion) { transaction.enqueue(statement) }
            outbox.emit(events, in: &transaction)
            report.events += events.count
        }
    }
}

extension ImportReport {
    fileprivate mutating func count(_ change: DirectoryChange) {
        if change.isRetired { retired += 1 } else if change.before == nil { added += 1 } else { changed += 1 }
    }
}
