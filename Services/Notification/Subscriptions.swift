import Contracts
import EventLog

/// What the world may tell notification.
func subscriptions(_ plan: PlanDeliveries) -> Subscriptions {
    Subscriptions(
        [
            .batch(AreaRegistered.self, LearnNames.areas),
            .batch(DepartmentRegistered.self, LearnNames.departments),
            .batch(PlateRegistered.self, LearnNames.plates),
        ] + Subscription.every(on: Topics.cases, plan.apply))
}
