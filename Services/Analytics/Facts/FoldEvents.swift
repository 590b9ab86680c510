import Contracts
import EventLog
import Postgres
import Telemetry

/// Folds a batch of events, of whatever topics, into the facts: per ticket in memory first, then one write per ticket.
enum FoldEvents {
    static func apply(_ events: [AnyEnvelope], _ transaction: inout PostgresTransaction) async throws {
        guard !events.isEmpty else { return }
        let facts = fold(events)
        if !facts.isEmpty { transaction.enqueue(FactQueries.merge(FactRows(facts))) }
        CrashPoint.pass(.analyticsMidFold)
        let areas = latest(events, AreaRegistered.self)
        if !areas.isEmpty { transaction.enqueue(FactQueries.learn(areas: areas)) }
        let departments = latest(events, DepartmentRegistered.self)
        if !departments.isEmpty { transaction.enqueue(FactQueries.learn(departments: departments)) }
        let noAreas = latest(events, AreaRetired.self)
        if !noAreas.isEmpty { transaction.enqueue(FactQueries.retire(.area, noAreas)) }
        let noDepartments = latest(events, DepartmentRetired.self)
        if !noDepartments.isEmpty { transaction.enqueue(FactQueries.retire(.department, noDepartments)) }
        transaction.enqueue(FactQueries.hear(heard(events)))
    }

    /// One fact per ticket, in the order of tickets: replicas that write the same rows then wait for each other in one order.
    static func fold(_ events: [AnyEnvelope]) -> [CaseFact] {
        var facts: [TicketID: CaseFact] = [:]
        for event in events {
            guard let fact = FactFold.fact(of: event.body, version: event.version, time: event.time) else { continue }
            facts[fact.ticket] = facts[fact.ticket]?.merging(fact) ?? fact
        }
        return facts.values.sorted { $0.ticket < $1.ticket }
    }

    /// The newest registration, or retirement, of each subject.
    private static func latest<E: Event>(_ events: [AnyEnvelope], _: E.Type) -> [(version: Int32, body: E)] {
        var newest: [String: (version: Int32, body: E)] = [:]
        for event in events {
            guard let body = event.body as? E, event.version > newest[event.subject]?.version ?? 0 else { continue }
            newest[event.subject] = (event.version, body)
        }
        return newest.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func heard(_ events: [AnyEnvelope]) -> [(topic: String, time: Timestamp)] {
        var latest: [String: Timestamp] = [:]
        for event in events {
            let topic = type(of: event.body).topic.name
            latest[topic] = max(latest[topic] ?? event.time, event.time)
        }
        return latest.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
