import Contracts

/// What a city is made of, as its rows say: possibly not yet complete.
struct CityData: Sendable {
    var version: Int64 = 0
    var directory = Directory.empty
    /// Names of categories, of those too that are no longer in use.
    var categoryNames: [CategoryCode: String] = [:]
    /// All that were ever in force.
    var ruleSets: [RuleSetEntry] = []
    /// Of those in force whole; of others the clocks alone.
    var contents: [RuleVersionID: RuleContent] = [:]

    /// The latest of each area.
    var inForce: [AreaCode: RuleSetEntry] {
        Dictionary(ruleSets.map { ($0.area, $0) }, uniquingKeysWith: { $0.id < $1.id ? $1 : $0 })
    }

    /// The versions that must be in memory: all of those in force, and the clocks that cases were opened with.
    var neededVersions: Set<RuleVersionID> {
        Set(inForce.values.flatMap(\.versions.values) + ruleSets.compactMap { $0.versions[.clocks] })
    }
}
