import Contracts
import EventLog

/// What the world may tell voting. Other events of a case change nothing about its evaluation. What people say here is no fold.
let projections = [
    Projection(
        "cases", tables: ["evaluable"],
        Subscriptions([
            .batch(CaseOpened.self, FollowCases.opened),
            .batch(CaseAnswered.self, FollowCases.answered),
            .batch(CaseClosed.self, FollowCases.closed),
            .batch(CaseMerged.self, FollowCases.merged),
            .batch(CaseReopened.self, FollowCases.reopened),
        ])),
    Projection(
        "directory", tables: ["directory_name"],
        Subscriptions([
            .batch(AreaRegistered.self) { LearnDirectory.names(of: .area, $0, &$1) },
            .batch(DepartmentRegistered.self) { LearnDirectory.names(of: .department, $0, &$1) },
        ])),
]
