import Contracts
import EventLog

/// What the world may tell intake.
let subscriptions = Subscriptions(
    [
        .batch(PlateRegistered.self, LearnDirectory.plates),
        .batch(AreaRegistered.self, LearnDirectory.areas),
        .batch(DepartmentRegistered.self, LearnDirectory.departments),
        .batch(CategoryRegistered.self, LearnDirectory.categories),
    ] + Subscription.every(on: Topics.cases, FollowCases.apply))
