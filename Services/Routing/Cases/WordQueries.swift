import Contracts
import EventLog
import Postgres

/// Statements about what was said.
enum WordQueries {
    static func add(_ words: [CaseWord]) -> SQL {
        """
        INSERT INTO case_word (ticket, version, kind, said_by, said_at, words, photos)
        SELECT * FROM unnest(\(words.map(\.ticket)), \(words.map { Int32(clamping: $0.version) }), \(words.map(\.kind.rawValue)),
            \(words.map(\.by)), \(words.map(\.at)), \(words.map(\.words)),
            \(words.map { $0.photos.map(\.description).joined(separator: " ") }))
        """
    }

    /// Whether a unit that has completed said just this.
    static func completed(_ ticket: CaseID, by department: DepartmentCode, _ words: PublicText) -> SQL {
        """
        SELECT EXISTS (SELECT 1 FROM case_word WHERE ticket = \(ticket) AND kind = \(CaseWord.Kind.completed.rawValue)
            AND said_by = \(department.description) AND words = \(words.description)) AS said
        """
    }

    static func all(of ticket: CaseID) -> SQL {
        "SELECT ticket, version, kind, said_by, said_at, words, photos FROM case_word WHERE ticket = \(ticket) ORDER BY version"
    }
}
