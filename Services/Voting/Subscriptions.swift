import Contracts
import EventLog

/// What the world may tell voting. Other events of a case change nothing about its evaluation.
let subscriptions = Subscriptions([
    .batch(CaseOpened.self, FollowCases.opened),
    .batch(CaseAnswered.self, FollowCases.answered),
    .batch(CaseClosed.self, FollowCases.closed),
    .batch(CaseReopened.self, FollowCases.reopened),
    .batch(AreaRegistered.self, LearnDirectory.areas),
    .batch(DepartmentRegistered.self, LearnDirectory.departments),
])
