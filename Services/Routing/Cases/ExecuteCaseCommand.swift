import Contracts
import EventLog
import Postgres

/// Carries out commands on cases that exist: decides, writes the outcome. The same for residents, staff,
/// departments and clocks.
struct ExecuteCaseCommand: Sendable {
    let city: CurrentCity
    let write: WriteCases
    let clock: any Timekeeper

    /// On a case that the transaction has locked. Throws the refusal and writes nothing.
    ///
    /// - Parameters:
    ///   - other: the case that this one is merged into, or was until now; locked too.
    ///   - notes: what was said before, of the kinds that the action looks back on.
    func perform(
        _ action: any CaseAction, by actor: Actor, on file: CaseFile, and other: CaseFile? = nil, notes: [CaseNote] = [],
        cause: EventID? = nil,
        in transaction: inout PostgresTransaction
    ) throws(CaseRefusal) -> ServiceCase {
        let (now, city) = (clock.now(), city.now)
        let context = city.context(of: file.serviceCase)
        let decision = try file.serviceCase.decide(action, by: actor, at: now, in: context, other: other?.serviceCase, notes: notes)
        var outcomes = [CaseOutcome(before: file.serviceCase, report: file.report, decision: decision, cause: cause)]
        if let other, let action = decision.onOther {
            let joined = try other.serviceCase.decide(action, by: actor, at: now, in: city.context(of: other.serviceCase))
            outcomes.append(CaseOutcome(before: other.serviceCase, report: other.report, decision: joined, cause: cause))
        }
        write.write(outcomes, in: &transaction)
        return decision.after
    }
}
