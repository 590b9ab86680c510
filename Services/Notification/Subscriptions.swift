import Contracts
import EventLog

/// What is folded from what others say: names. Deliveries are no fold, they carry what was tried.
let projections = [
    Projection(
        "names", tables: ["name"],
        Subscriptions([
            .batch(AreaRegistered.self) { DirectoryProjection.names(of: .area, $0, &$1) },
            .batch(DepartmentRegistered.self) { DirectoryProjection.names(of: .department, $0, &$1) },
            .batch(PlateRegistered.self) { DirectoryProjection.names(of: .plate, $0, &$1) },
            .batch(AreaRetired.self) { DirectoryProjection.retire(.area, $0, &$1) },
            .batch(DepartmentRetired.self) { DirectoryProjection.retire(.department, $0, &$1) },
            .batch(PlateRetired.self) { DirectoryProjection.retire(.plate, $0, &$1) },
        ]))
]

/// What the world may tell notification.
func deliveries(_ plan: PlanDeliveries) -> [Subscription] { Subscription.every(on: Topics.cases, plan.apply) }
