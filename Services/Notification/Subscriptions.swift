import Contracts
import EventLog

/// What is folded from what others say: names. Deliveries are no fold, they carry what was tried.
let projections = [
    Projection(
        "names", tables: ["name"],
        Subscriptions([
            .batch(AreaRegistered.self, LearnNames.areas),
            .batch(DepartmentRegistered.self, LearnNames.departments),
            .batch(PlateRegistered.self, LearnNames.plates),
        ]))
]

/// What the world may tell notification.
func deliveries(_ plan: PlanDeliveries) -> [Subscription] { Subscription.every(on: Topics.cases, plan.apply) }
