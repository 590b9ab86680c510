import Contracts
import EventLog

/// What the world may tell routing. Departments' feedback comes from outside and goes to `ApplyFeedback`.
func subscriptions(open: OpenCases, hear: ApplyResidentEvents) -> Subscriptions {
    Subscriptions([
        .batch(TicketSubmitted.self, open.apply),
        .batch(TicketWithdrawn.self, hear.withdraw),
        .batch(TicketReviewRequested.self, hear.review),
        .batch(EvaluationGiven.self, hear.evaluate),
    ])
}
