import Contracts
import EventLog
import Postgres

/// Statements about what was said.
enum NoteQueries {
    static func add(_ notes: [CaseNote]) -> SQL {
        """
        INSERT INTO case_note (ticket, version, at, kind, said_by, person, text, photos, about)
        SELECT u.ticket, u.version, u.at, u.kind, u.said_by, u.person, u.text, u.photos::uuid[], u.about
        FROM unnest(\(notes.map(\.ticket)), \(notes.map { Int32(clamping: $0.version) }), \(notes.map(\.at)),
            \(notes.map(\.kind.code)), \(notes.map(\.by)), \(notes.map(\.person)), \(notes.map(\.words)), \(notes.map { photos($0) }),
            \(notes.map { $0.about?.description }))
            AS u(ticket, version, at, kind, said_by, person, text, photos, about)
        """
    }

    private static func photos(_ note: CaseNote) -> PostgresArrayText? {
        note.photos.isEmpty ? nil : PostgresArrayText(note.photos.map(\.description))
    }

    /// Whether a unit that has completed said just this.
    static func completed(_ ticket: CaseID, by department: DepartmentCode, _ text: PublicText) -> SQL {
        """
        SELECT EXISTS (SELECT 1 FROM case_note WHERE ticket = \(ticket) AND kind = \(Complete.completed.code) AND said_by = \(department.description)
            AND text = \(text.description)) AS said
        """
    }

    static func all(of ticket: CaseID) -> SQL {
        "SELECT ticket, version, at, kind, said_by, person, text, photos, about FROM case_note WHERE ticket = \(ticket) ORDER BY version"
    }

    /// Those of these kinds.
    static func all(of ticket: CaseID, _ kinds: [NoteKind]) -> SQL {
        """
        SELECT ticket, version, at, kind, said_by, person, text, photos, about FROM case_note
        WHERE ticket = \(ticket) AND kind = ANY(\(kinds.map(\.code))) ORDER BY version
        """
    }
}

extension CaseNote: PostgresRowDecodable {
    init(row: borrowing PostgresRow) throws(PostgresError) {
        let code: String = try row["kind"]
        guard let kind = NoteKind.byCode[code] else { throw PostgresError.decode("kind of note: \(code)") }
        self.init(
            ticket: try row["ticket"], version: try row["version"], kind: kind, by: try row["said_by"], person: try row["person"],
            at: try row["at"],
            words: try row["text"], photos: try row["photos"] as [PhotoID]? ?? [], about: try row.codeIfPresent("about"))
    }
}
