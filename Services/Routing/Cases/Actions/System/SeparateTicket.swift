import Contracts
import Pages

/// A ticket that was merged into a case is on its own again.
struct SeparateTicket: CaseAction {
    static let name = "separate", title = Text("另行办理", "Separate")
    static let from = Set(CaseState.allCases), by = CaseAuthority.itsArea
    static let separated = NoteKind("left", "并入的工单另行办理", "A merged ticket is on its own again")
    static let notes = [separated]

    let ticket: CaseID, number: TicketNumber

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let by = draft.by
        draft.record(NoteContent(Self.separated, by: by, "\(number.description)")) { [ticket, number] in
            CaseJoined(snapshot: $0, ticket: ticket, number: number, isJoined: false)
        }
        draft.separate(JoinedTicket(ticket: ticket, number: number))
    }
}
