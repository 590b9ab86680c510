import Contracts
import EventLog
import EventLoop
import JSON
import Postgres
import Telemetry

/// Tells the other services what this street is: areas, departments, categories, plates; and what is no longer part of it. At start, and
/// only what differs from what was told before.
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

    /// Answers how many entries were new, had changed or were retired.
    @discardableResult
    func run() async throws -> Int {
        return try await pool.transaction { transaction in
            transaction.enqueue(DirectoryQueries.alone)
            transaction.enqueue(
                CatalogueQueries.record(
                    hash: city.catalogueHash, version: city.catalogue.version, rows: Int32(clamping: city.catalogue.rows.count),
                    at: clock.now()))
            let rows = try await transaction.query(DirectoryQueries.published, as: PublishedEntry.self)
            let news = try changes(since: Dictionary(rows.map { ($0.subject, $0) }, uniquingKeysWith: { first, _ in first }))
            guard !news.entries.isEmpty else { return 0 }
            transaction.enqueue(DirectoryQueries.put(news.entries))
            outbox.emit(news.events, in: &transaction)
            CrashPoint.pass(.routingMidDirectory)
            let retired = news.entries.filter { $0.payload == nil }
            if !retired.isEmpty {
                let examples = retired.prefix(5).map(\.subject).joined(separator: ", ")
                log.notice("entries of the directory are retired", ["retired": .int(retired.count), "such as": .string(examples)])
            }
            return news.entries.count
        }
    }

    /// What is new or has changed, parents first; then what is no longer in the city's data, children first: nothing that is in use ever
    /// stands in what was retired.
    private func changes(since published: [String: PublishedEntry]) throws(PostgresError) -> (
        entries: [PublishedEntry], events: [CommittedEvent]
    ) {
        var entries: [PublishedEntry] = []
        var events: [CommittedEvent] = []
        let all = self.entries()
        for (kind, event) in all {
            let old = published[event.subject]
            let payload = event.json
            guard old?.payload != payload else { continue }
            let version = (old?.version ?? 0) + 1
            entries.append(PublishedEntry(event.subject, kind, version: version, payload: payload))
            events.append(outbox.prepare(event, version: version))
        }
        let known = Set(all.map(\.event.subject))
        for old in published.values.filter({ $0.payload != nil && !known.contains($0.subject) }).sorted(by: { $0.place < $1.place }) {
            entries.append(PublishedEntry(old.subject, old.kind, version: old.version + 1, payload: nil))
            events.append(outbox.prepare(try old.retirement, version: old.version + 1))
        }
        return (entries, events)
    }

    private func rest() async throws { try await Signal(on: loop).wait() }

    /// Areas from the top down, then departments and categories, then plates: whoever reads them in order knows every parent.
    private func entries() -> [(kind: PublishedEntry.Kind, event: any RegistrationEvent)] {
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
        return areas.map { (.area, $0) } + departments.map { (.department, $0) } + categories.map { (.category, $0) }
            + plates.map { (.plate, $0) }
    }

    private func rank(_ level: AreaLevel) -> Int { AreaLevel.allCases.firstIndex(of: level) ?? 0 }
}
