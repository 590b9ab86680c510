import Contracts
import EventLog
import EventLoop
import JSON
import Postgres
import Synchronization

/// The plates of the street in memory, at most half a minute old: every submission asks.
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
    }

    private let pool: PostgresPool
    private let state = Mutex(State())

    init(pool: PostgresPool) { self.pool = pool }

    private static let freshness = Duration.seconds(30)
    /// An unknown plate is looked for again, but not more often than this.
    private static let impatience = Duration.seconds(1)

    func find(_ code: PlateCode) async throws -> PlateRegistered? {
        if let plate = try await page(within: Self.freshness).plates[code] { return plate }
        return try await page(within: Self.impatience).plates[code]
    }

    /// Whether the catalogue has published this category, or any plate offers it.
    func knows(_ category: CategoryCode) async throws -> Bool {
        if try await page(within: Self.freshness).categories.contains(category) { return true }
        return try await page(within: Self.impatience).categories.contains(category)
    }

    /// What an area is called.
    func name(of area: AreaCode) async throws -> String? {
        try await page(within: Self.freshness).areas[area.description]
    }

    private func page(within age: Duration) async throws -> Page {
        let known = state.withLock { state -> Page? in
            guard let readAt = state.readAt, .now - readAt < age else { return nil }
            return state.page
        }
        if let known { return known }
        return try await reload()
    }

    private func reload() async throws -> Page {
        var page = Page()
        for bytes in try await pool.query(PlateQueries.all, as: [UInt8].self) {
            let plate = try PlateRegistered.decode(bytes)
            page.plates[plate.plate] = plate
            page.categories.formUnion(plate.chips.map(\.category))
        }
        let categories = try await pool.query(PlateQueries.names(in: .category)) { row in try row["code"] as String }
        page.categories.formUnion(categories.compactMap { CategoryCode($0) })
        let areas = try await pool.query(PlateQueries.names(in: .area)) { row in (try row["code"] as String, try row["name"] as String) }
        page.areas = Dictionary(areas, uniquingKeysWith: { first, _ in first })
        let fresh = page
        state.withLock { $0 = State(page: fresh, readAt: .now) }
        return fresh
    }
}
