import Pages

/// What a note in the course of a case is about; declared by the action that leaves it.
struct NoteKind: Hashable, Sendable {
    /// As stored.
    let code: String
    let title: Text
    let mark: Timeline.Mark

    init(_ code: String, _ chinese: String, _ english: String, _ mark: Timeline.Mark = .done) {
        self.code = code
        title = Text(chinese, english)
        self.mark = mark
    }

    /// All kinds by their codes.
    static let byCode: [String: NoteKind] = Dictionary(
        CaseActions.all.flatMap { $0.notes }.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })
}
