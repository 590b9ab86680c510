import Contracts
import Pages

/// 签收: the unit has taken note of its order.
struct SignFor: UnitAction {
    static let name = "sign", title = Text("签收", "Sign for")
    static let signed = NoteKind("signed", "签收", "Signed for")
    static let deemedSigned = NoteKind("deemedSigned", "逾期未签收，视为签收", "Not signed for in time: taken as signed", .trouble)
    static let notes = [signed, deemedSigned]

    let order: DispatchID

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let dispatch = try draft.before.active(order)
        if dispatch.stage == .disputed { throw .inDispute }
        if let refusal = repetition(dispatch) { throw refusal }
        draft.update(order) { [now = draft.now] in $0.sign(at: now, byRule: false) }
        draft.record(NoteContent(Self.signed, by: dispatch.department)) {
            CaseSigned(snapshot: $0, department: dispatch.department)
        }
        draft.continueWork()
    }

    func repetition(_ dispatch: Dispatch) -> CaseRefusal? { dispatch.signedAt == nil ? nil : .alreadySigned }
}
