import Contracts
import Postgres

/// Names of communities and departments by code: of those that a page speaks of, not of the whole city.
struct UnitNames: Sendable {
    private let names: [String: String]

    init(pool: PostgresPool, of steps: [ProgressStep], _ snapshot: CaseSnapshot?) async throws {
        let codes = Self.codes(in: steps, snapshot)
        if codes.isEmpty {
            names = [:]
            return
        }
        let known = try await pool.query(PlateQueries.unitNames(codes.sorted())) { row in
            (try row["code"] as String, try row["name"] as String)
        }
        names = Dictionary(known, uniquingKeysWith: { first, _ in first })
    }

    /// nil for a code that the directory has not told yet: a page says nothing rather than a code.
    subscript(code: String?) -> String? { code.flatMap { names[$0] } }

    /// Every unit that a step or the case as it stands names.
    static func codes(in steps: [ProgressStep], _ snapshot: CaseSnapshot?) -> Set<String> {
        var codes = snapshot.map(codes) ?? []
        for step in steps {
            guard let event = step.caseEvent else { continue }
            codes.formUnion(Self.codes(of: event.snapshot))
            codes.formUnion(event.departments.map(\.description))
        }
        return codes
    }

    private static func codes(of snapshot: CaseSnapshot) -> Set<String> {
        Set([snapshot.area.description] + [snapshot.owner.code, snapshot.by.code, snapshot.lead?.description].compactMap { $0 })
            .union(snapshot.coHandlers.map(\.description))
    }
}
