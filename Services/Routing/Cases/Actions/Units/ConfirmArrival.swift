import Contracts
import Pages

/// 报到: the unit is on the spot. That says more than a signature and includes it.
struct ConfirmArrival: UnitAction {
    static let name = "arrive", title = Text("报到", "Confirm arrival")
    static let arrived = NoteKind("arrived", "报到", "On the spot")
    static let notes = [arrived]

    let order: DispatchID

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let dispatch = try draft.before.active(order)
        if dispatch.stage == .disputed { throw .inDispute }
        if let refusal = repetition(dispatch) { throw refusal }
        if dispatch.stage == .completed { throw .alreadyCompleted }
        draft.update(order) { [now = draft.now] dispatch in
            if dispatch.stage == .called { dispatch.sign(at: now, byRule: false) }
            dispatch.arrivedAt = now
        }
        draft.record(NoteContent(Self.arrived, by: dispatch.department)) {
            CaseArrived(snapshot: $0, department: dispatch.department)
        }
        draft.continueWork()
    }

    func repetition(_ dispatch: Dispatch) -> CaseRefusal? { dispatch.arrivedAt == nil ? nil : .alreadyArrived }
}
