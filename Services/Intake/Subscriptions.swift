import Contracts
import EventLog

/// What the world may tell intake. Both copies are folded from it and may be rebuilt; tickets and contacts are nobody's fold.
let projections = [
    Projection(
        "directory", tables: ["plate", "area", "department", "category"],
        Subscriptions([
            .batch(PlateRegistered.self, DirectoryProjection.plates),
            .batch(PlateRetired.self) { DirectoryProjection.retirePlates($0, &$1) },
            .batch(CategoryRetired.self) { DirectoryProjection.retireCategories($0, &$1) },
            // What becomes of areas and departments changes nothing here: their names are said of what they did.
            .batch(AreaRegistered.self) { DirectoryProjection.names(into: .area, $0, &$1) },
            .batch(DepartmentRegistered.self) { DirectoryProjection.names(into: .department, $0, &$1) },
            .batch(CategoryRegistered.self) { DirectoryProjection.categories($0, &$1) },
        ])),
    Projection(
        "progress", tables: ["progress_step"], Subscriptions([], folds: [Fold(keeping: [Topics.cases], CaseProjection.apply)])),
]
