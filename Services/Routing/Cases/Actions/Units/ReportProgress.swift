import Contracts
import Pages

/// 办理进展: a called unit says how it stands.
struct ReportProgress: UnitAction {
    static let name = "progress", title = Text("办理进展", "Report progress")
    static let progressed = NoteKind("progressed", "办理进展", "Progress")
    static let notes = [progressed]

    let order: DispatchID, text: PublicText

    func perform(on draft: inout CaseDraft) throws(CaseRefusal) {
        let dispatch = try draft.before.active(order)
        if dispatch.stage == .completed { throw .workCompleted }
        try dispatch.requireSigned()
        if text.isBlank { throw .textMissing }
        draft.residentHasWord()
        if dispatch.role == .lead { draft.after.isContacted = true }
        draft.record(NoteContent(Self.progressed, by: dispatch.department, text)) { [text] in
            CaseProgressed(snapshot: $0, text: text)
        }
    }
}

extension Dispatch {
    func requireSigned() throws(CaseRefusal) {
        if stage == .disputed { throw .inDispute }
        if stage != .signed { throw .notSigned }
    }
}
