import Contracts
import EventLog

/// What the world may tell intake. Both copies are folded from it and may be rebuilt; tickets and contacts are nobody's fold.
let projections = [
    Projection(
        "directory", tables: ["plate", "area", "department", "category"],
        Subscriptions([
            .batch(PlateRegistered.self, LearnDirectory.plates),
            .batch(AreaRegistered.self) { LearnDirectory.names(into: .area, $0, &$1) },
            .batch(DepartmentRegistered.self) { LearnDirectory.names(into: .department, $0, &$1) },
            .batch(CategoryRegistered.self) { LearnDirectory.names(into: .category, $0, &$1) },
        ])),
    Projection(
        "progress", tables: ["progress_step"], Subscriptions([], folds: [Fold(keeping: [Topics.cases], FollowCases.apply)])),
]
