import Contracts
import EventLog
import EventLoop
import JSON
import Postgres
import Synchronization

/// The plates of the street in memory, at most half a minute old: every submission asks.
///
/// The whole table is read once in half a minute, by one reader however many wait; what is not on that page is looked for by its
/// own key. So neither a crowd nor codes that nobody gave out make the table be read again.
final class PlateBook: Sendable {
    struct Page: Sendable {
        var plates: [PlateCode: PlateRegistered] = [:]
        var categories: Set<CategoryCode> = []
        /// Names of areas by code.
        var areas: [String: String] = [:]
    }

    private struct State {
        var page = Page()
        var readAt: ContinuousClock.Instant?
        var reading: Task<Page, any Error>?
        var readings = 0
    }

    private let pool: PostgresPool
    private let state = Mutex(State())

    init(pool: PostgresPool) { self.pool = pool }

    private static let freshness = Duration.seconds(30)

    /// How often the whole table was read.
    var readings: Int { state.withLock { $0.readings } }

    /// What is known of a plate's code.
    enum Found: Sendable {
        case inUse(PlateRegistered)
        /// Nothing is reported there any more.
        case retired(PlateRegistered)
        case unknown
    }

    func look(_ code: PlateCode) async throws -> Found {
        if let plate = try await page().plates[code] { return .inUse(plate) }
        let known = try await pool.query(PlateQueries.plate(code)) { row in
            (registered: try row["registered"] as [UInt8], isRetired: try row["retired"] as Bool)
        }
        guard let known = known.first else { return .unknown }
        let plate = try PlateRegistered.decode(known.registered)
        if known.isRetired { return .retired(plate) }
        state.withLock { $0.page.add(plate) }
        return .inUse(plate)
    }

    /// The plate of that code where it is in use.
    func find(_ code: PlateCode) async throws -> PlateRegistered? {
        if case .inUse(let plate) = try await look(code) { plate } else { nil }
    }

    /// What a plate is or was called.
    func name(of code: PlateCode) async throws -> String? {
        switch try await look(code) {
        case .inUse(let plate), .retired(let plate): plate.name
        case .unknown: nil
        }
    }

    /// Whether the catalogue has published this category, or any plate offers it.
    func knows(_ category: CategoryCode) async throws -> Bool {
        if try await page().categories.contains(category) { return true }
        return try await pool.query(PlateQueries.isCategory(category), as: Bool.self).first == true
    }

    /// What an area is called.
    func name(of area: AreaCode) async throws -> String? { try await page().areas[area.description] }

    private func page() async throws -> Page {
        let (known, reading) = state.withLock { state -> (Page?, Task<Page, any Error>?) in
            if let readAt = state.readAt, .now - readAt < Self.freshness { return (state.page, nil) }
            if let reading = state.reading { return (nil, reading) }
            let reading = Task { try await self.read() }
            state.reading = reading
            return (nil, reading)
        }
        if let known { return known }
        return try await reading?.value ?? Page()
    }

    private func read() async throws -> Page {
        let outcome: Result<Page, any Error>
        do { outcome = .success(try await load()) } catch { outcome = .failure(error) }
        state.withLock { state in
            state.reading = nil
            state.readings += 1
            if case .success(let page) = outcome { (state.page, state.readAt) = (page, .now) }
        }
        return try outcome.get()
    }

    private func load() async throws -> Page {
        var page = Page()
        for bytes in try await pool.query(PlateQueries.all, as: [UInt8].self) {
            page.add(try PlateRegistered.decode(bytes))
        }
        let categories = try await pool.query(PlateQueries.categories, as: String.self)
        page.categories.formUnion(categories.compactMap { CategoryCode($0) })
        let areas = try await pool.query(PlateQueries.names(in: .area)) { row in (try row["code"] as String, try row["name"] as String) }
        page.areas = Dictionary(areas, uniquingKeysWith: { first, _ in first })
        return page
    }
}

extension PlateBook.Page {
    fileprivate mutating func add(_ plate: PlateRegistered) {
        plates[plate.plate] = plate
        categories.formUnion(plate.chips.map(\.category))
    }
}
