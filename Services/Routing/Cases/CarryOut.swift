import Contracts
import EventLog
import Postgres

/// Carries out commands on cases that exist: locks the row, asks the table, writes the outcome. One story for residents,
/// staff, departments and clocks.
struct CarryOut: Sendable {
    let city: City
    let write: WriteCases
    let clock: any Timekeeper

    /// On a case that the transaction has locked. Throws the table's refusal and writes nothing.
    func perform(
        _ command: CaseCommand, by actor: CaseActor, on file: CaseFile, cause: EventID? = nil,
        in transaction: inout PostgresTransaction
    ) throws(CaseRefusal) -> Case {
        let decision = try CaseTable.decide(file.one, command, by: actor, at: clock.now(), in: city.context)
        let outcome = CaseOutcome(before: file.one, report: file.report, decision: decision, cause: cause)
        write.write([outcome], in: &transaction)
        return decision.after
    }
}
