import Contracts
import Pages

/// Another ticket about the same matter comes to an open case: what a merge means for the case that it is merged into.
struct JoinTicket: CaseAction {
    static let name = "join", title = Text("并入", "Join")
    static let from = Set(CaseState.allCases.filter { !$0.isFinal }), by = CaseAuthority.itsArea
    static let joined = NoteKind("joined", "并入同一问题的工单", "A ticket was merged into this case")
    static let notes = [joined]

    let ticket: CaseID, number: TicketNumber

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        let serviceCase = draft.before
        if ticket == serviceCase.id { throw .intoItself }
        if serviceCase.joined.contains(where: { $0.ticket == ticket }) { throw .alreadyJoined }
        if serviceCase.joined.count >= CasePolicy.mostJoined { throw .tooManyJoined }
        draft.record(NoteContent(Self.joined, by: by, "\(number.description)")) { [ticket, number] in
            CaseJoined(snapshot: $0, ticket: ticket, number: number, isJoined: true)
        }
        draft.join(JoinedTicket(ticket: ticket, number: number))
    }
}
