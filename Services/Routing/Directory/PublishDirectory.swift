import Contracts
import EventLog
import EventLoop
import JSON
import Postgres
import Telemetry

/// Tells the other services what this street is: areas, departments, categories, plates. At start, and only what differs from what was
/// told before.
struct PublishDirectory: Sendable {
    let city: City
    let pool: PostgresPool
    let outbox: Outbox
    let clock: any Timekeeper
    let log: Log
    let loop: EventLoop

    /// Publishes once, trying again while the database does not answer, then rests until the service ends.
    func keep() async throws {
        while !Task.isCancelled {
            do {
                let changed = try await run()
                log.info("the directory is published", ["changed": .int(changed)])
                return try await rest()
            } catch let error as PostgresError {
                log.warning("the directory was not published, trying again", ["error": "\(error)"])
                try await clock.sleep(milliseconds: 1_000)
            }
        }
    }

    /// Answers how many entries were new or had changed.
    @discardableResult
    func run() async throws -> Int {
        let all = entries()
        return try await pool.transaction { transaction in
            transaction.enqueue(DirectoryQueries.alone)
            transaction.enqueue(
                CatalogueQueries.record(
                    hash: city.catalogueHash, version: city.catalogue.version, rows: Int32(clamping: city.catalogue.rows.count),
                    at: clock.now()))
            let rows = try await transaction.query(DirectoryQueries.published) { row in
                (subject: try row["subject"] as String, version: try row["version"] as Int32, payload: try row["payload"] as [UInt8])
            }
            let published = Dictionary(rows.map { ($0.subject, $0) }, uniquingKeysWith: { first, _ in first })
            var entries: [(subject: String, version: Int32, payload: [UInt8])] = []
            var events: [CommittedEvent] = []
            for event in all {
                let old = published[event.subject]
                let payload = event.json
                guard old?.payload != payload else { continue }
                let version = (old?.version ?? 0) + 1
                entries.append((event.subject, version, payload))
                events.append(outbox.prepare(event, version: version))
            }
            guard !entries.isEmpty else { return 0 }
            transaction.enqueue(DirectoryQueries.put(entries))
            outbox.emit(events, in: &transaction)
            CrashPoint.pass(.routingMidDirectory)
            return entries.count
        }
    }

    private func rest() async throws { try await Signal(on: loop).wait() }

    /// Areas from the top down, then departments and categories, then plates: whoever reads them in order knows every parent.
    private func entries() -> [any Event] {
        let directory = city.directory
        var areas = directory.areas.values.map {
            AreaRegistered(area: $0.code, level: $0.level, name: $0.name, parent: $0.parent)
        }
        areas += directory.grids.values.map {
            AreaRegistered(area: $0.code, level: .grid, name: $0.name, parent: $0.community)
        }
        areas.sort { ($0.area.description.utf8.count, rank($0.level), $0.area) < ($1.area.description.utf8.count, rank($1.level), $1.area) }
        let departments = directory.departments.values.map { DepartmentRegistered(department: $0.code, name: $0.name) }
            .sorted { $0.department < $1.department }
        let plates = directory.plates.values.map { plate in
            PlateRegistered(
                plate: plate.code, kind: plate.kind, name: plate.name, lat: plate.point.latitude, lng: plate.point.longitude,
                grid: plate.grid, community: plate.community, street: plate.community.street ?? city.street,
                chips: plate.chips.map { PlateChip(category: $0.category, label: $0.label) })
        }.sorted { $0.plate < $1.plate }
        let categories = city.categories.list.map { CategoryRegistered(category: $0.code, name: $0.name) }
        return areas as [any Event] + departments as [any Event] + categories as [any Event] + plates as [any Event]
    }

    private func rank(_ level: AreaLevel) -> Int { AreaLevel.allCases.firstIndex(of: level) ?? 0 }
}
