import Contracts
import EventLog

/// What the world may tell analytics: everything, a batch at a time. All of its tables are folded from that.
let projections = [
    Projection(
        "facts", tables: ["case_fact", "area", "department", "heard"],
        Subscriptions(
            [],
            folds: [
                Fold(on: [Topics.tickets, Topics.cases, Topics.evaluations, Topics.deliveries, Topics.directory], FoldEvents.apply)
            ]))
]
