import Contracts

/// One event of a case as those who work on it read it: who did or said what, and when.
struct CaseNote: Hashable, Sendable {
    let ticket: CaseID
    let version: Int
    let kind: NoteKind
    /// The unit's or actor's code.
    let by: String
    /// Who took the step, by id; nothing for residents, rules and units' own systems.
    let person: PersonID?
    let at: Timestamp
    let words: String?
    let photos: [PhotoID]
    /// The called unit that somebody else says it about.
    let about: DepartmentCode?

    /// The notes of one outcome, with the versions of the events that they go with.
    static func all(_ outcome: CaseOutcome) -> [CaseNote] {
        outcome.decisions.flatMap { decision in
            decision.events.compactMap { record in
                record.note.map { note in
                    CaseNote(
                        ticket: decision.after.id, version: record.version, kind: note.kind, by: note.by,
                        person: decision.after.changedBy.person, at: record.at,
                        words: note.words?.description, photos: note.photos, about: note.about)
                }
            }
        }
    }
}
