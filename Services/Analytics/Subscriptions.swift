import Contracts
import EventLog

/// What the world may tell analytics: everything, a batch at a time.
let subscriptions = Subscriptions(
    [],
    folds: [
        Fold(on: [Topics.tickets, Topics.cases, Topics.evaluations, Topics.deliveries, Topics.directory], FoldEvents.apply)
    ])
