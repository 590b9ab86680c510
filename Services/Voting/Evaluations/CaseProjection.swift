import Contracts
import EventLog
import Postgres

/// Opens a window for evaluation with each closing of a case, closes it when the case is reopened, and lets whose ticket was merged
/// into it evaluate the same work; and keeps what the page
/// shows: where it was, and what the unit says it did.
enum CaseProjection {
    static func opened(_ events: [Envelope<CaseOpened>], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(EvaluationQueries.opened(CaseRows(events), places: events.map(\.body.placeName)))
    }

    static func answered(_ events: [Envelope<CaseAnswered>], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(
            EvaluationQueries.answered(
                CaseRows(events), texts: events.map(\.body.text),
                // Arrays of arrays cannot be unnested by one level.
                photos: events.map { $0.body.photos.map(\.description).joined(separator: ",") }))
    }

    static func closed(_ events: [Envelope<CaseClosed>], _ transaction: inout PostgresTransaction) async throws {
        let closedAt = events.map { $0.body.snapshot.closedAt ?? $0.time }
        transaction.enqueue(
            EvaluationQueries.closed(
                CaseRows(events), endings: events.map(\.body.ending.rawValue), closedAt: closedAt,
                openUntil: zip(events, closedAt).map { Evaluate.openUntil($0.body.snapshot, closedAt: $1) }))
    }

    static func merged(_ events: [Envelope<CaseMerged>], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(EvaluationQueries.merged(CaseRows(events), into: events.map(\.body.snapshot.mergedInto)))
    }

    static func reopened(_ events: [Envelope<CaseReopened>], _ transaction: inout PostgresTransaction) async throws {
        transaction.enqueue(EvaluationQueries.reopened(CaseRows(events)))
    }
}
