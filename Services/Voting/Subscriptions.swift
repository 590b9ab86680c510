import Contracts
import EventLog

/// What the world may tell voting. Other events of a case change nothing about its evaluation. What people say here is no fold.
let projections = [
    Projection(
        "cases", tables: ["evaluable"],
        Subscriptions([
            .batch(CaseOpened.self, CaseProjection.opened),
            .batch(CaseAnswered.self, CaseProjection.answered),
            .batch(CaseClosed.self, CaseProjection.closed),
            .batch(CaseMerged.self, CaseProjection.merged),
            .batch(CaseReopened.self, CaseProjection.reopened),
        ])),
    Projection(
        "directory", tables: ["directory_name"],
        Subscriptions([
            .batch(AreaRegistered.self) { DirectoryProjection.names(of: .area, $0, &$1) },
            .batch(DepartmentRegistered.self) { DirectoryProjection.names(of: .department, $0, &$1) },
            // What is retired keeps its name: an evaluation is about what was done.
        ])),
]
