import Contracts
import Pages

/// 派单异议: the unit says that the case is not its own. Once for each unit; its handling clock goes on.
struct RaiseDispute: UnitAction {
    static let name = "dispute", title = Text("派单异议", "Dispute")
    static let disputed = NoteKind("disputed", "派单异议", "Disputed", .trouble)
    static let notes = [disputed]

    let order: DispatchID, ground: DisputeGround, text: PublicText?

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let serviceCase = draft.before
        let dispatch = try serviceCase.active(order)
        if dispatch.stage == .disputed { throw .alreadyDisputed }
        if serviceCase.disputes.contains(where: { $0.department == dispatch.department }) { throw .disputeLimit }
        if dispatch.stage == .completed || dispatch.arrivedAt != nil { throw .tooLateToDispute }
        draft.update(order) { $0.stage = .disputed }
        draft.after.disputes.append(
            Dispute(
                dispatch: order, department: dispatch.department, ground: ground, text: text?.description, at: draft.now, court: .street))
        let words: PublicText = text.map { "\(ground.titles.zhHans)：\($0)" } ?? "\(ground.titles.zhHans)"
        draft.record(NoteContent(Self.disputed, by: dispatch.department, words)) { [ground, text] in
            CaseDisputed(snapshot: $0, department: dispatch.department, ground: ground, text: text)
        }
        draft.continueWork()
    }
}
