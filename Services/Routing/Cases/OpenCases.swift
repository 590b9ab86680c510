import Contracts
import EventLog
import Postgres
import Telemetry

/// `ticket.submitted` → a case with place, category, unit and clocks; what the catalogue gives straight to departments is
/// dispatched in the same commit. However many tickets come at once: one statement for each kind of row, one round trip.
struct OpenCases: Sendable {
    let city: CurrentCity
    let write: WriteCases
    let clock: any Timekeeper
    let opened: Counter, sentOut: Counter, unclear: Counter, alarms: Counter

    init(city: CurrentCity, write: WriteCases, clock: any Timekeeper, metrics: MetricsRegistry) {
        self.city = city
        self.write = write
        self.clock = clock
        opened = metrics.counter("shao_cases_opened_total", "Cases opened.")
        sentOut = metrics.counter("shao_cases_straight_out_total", "Cases dispatched by the catalogue alone.")
        unclear = metrics.counter("shao_cases_unclear_total", "Cases opened without a known community.")
        alarms = metrics.counter("shao_catalogue_alarms_total", "Catalogue rows that could not be evaluated.")
    }

    func apply(_ tickets: [Envelope<TicketSubmitted>], _ transaction: inout PostgresTransaction) async throws {
        let now = clock.now()
        var traces: [CaseID: TraceContext] = [:]
        let outcomes = tickets.map { ticket in
            traces[ticket.body.ticket] = ticket.trace
            return open(ticket.body, at: now, cause: ticket.id)
        }
        write.write(outcomes, traces: traces, in: &transaction)
        CrashPoint.pass(.routingMidOpening)
        count(outcomes)
    }

    func open(_ ticket: TicketSubmitted, at now: Timestamp, cause: EventID?) -> CaseOutcome {
        let city = city.now
        let reading = city.read(ticket)
        let context = city.context(of: reading.rules)
        let opening = ServiceCase.open(reading.opening, by: .catalogue, at: now, in: context)
        var outcome = CaseOutcome(before: nil, report: reading.report, decision: opening, cause: cause)
        if let dispatch = city.straightDispatch(of: opening.after),
            let decision = try? opening.after.decide(dispatch, by: .catalogue, at: now, in: context)
        {
            outcome.add(decision)
        }
        return outcome
    }

    private func count(_ outcomes: [CaseOutcome]) {
        opened.add(outcomes.count)
        sentOut.add(outcomes.count { $0.after.state == .dispatched })
        unclear.add(outcomes.count { $0.after.place.community == nil })
        alarms.add(outcomes.count { $0.after.routing.alarm != nil })
    }
}
