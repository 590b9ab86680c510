import Contracts
import Pages

/// 部门办结: the unit has done its part. The case is answered when every called unit has.
struct Complete: UnitAction {
    static let name = "complete", title = Text("部门办结", "Complete")
    static let completed = NoteKind("completed", "部门办结", "Completed")
    static let notes = [completed]

    /// A unit need not say how it ended.
    let order: DispatchID, text: PublicText, photos: [PhotoID], ending: WorkEnding?

    init(order: DispatchID, text: PublicText, photos: [PhotoID] = [], ending: WorkEnding? = nil) {
        (self.order, self.text, self.photos, self.ending) = (order, text, photos, ending)
    }

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let dispatch = try draft.before.active(order)
        if let refusal = repetition(dispatch) { throw refusal }
        try dispatch.requireSigned()
        if text.isBlank { throw .textMissing }
        if ending != nil { try draft.before.requireHonest(ending) }
        draft.residentHasWord()
        // The lead's word on how it ended counts, a co-handler's only where the lead says nothing.
        if let ending, draft.before.proposedEnding == nil || dispatch.role == .lead { draft.after.proposedEnding = ending }
        draft.update(order) { [now = draft.now] dispatch in
            dispatch.stage = .completed
            dispatch.completedAt = now
        }
        draft.record(NoteContent(Self.completed, by: dispatch.department, text, photos: photos)) { [text, photos] in
            CaseCompleted(snapshot: $0, department: dispatch.department, text: text, photos: photos)
        }
        draft.continueWork()
    }

    func repetition(_ dispatch: Dispatch) -> CaseRefusal? { dispatch.stage == .completed ? .alreadyCompleted : nil }
}
