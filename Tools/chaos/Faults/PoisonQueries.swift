import Postgres

/// A table that refuses rows, as after a migration that went wrong.
enum PoisonQueries {
    static func refuse(oneIn share: Int) -> SQL {
        SQL(stringLiteral: "ALTER TABLE evaluable ADD CONSTRAINT poisoned CHECK (abs(hashtext(ticket::text)) % \(share) <> 0) NOT VALID")
    }

    static let accept: SQL = "ALTER TABLE evaluable DROP CONSTRAINT poisoned"
    static let parked: SQL = "SELECT count(*) FROM parked_subject"
    static let subjects: SQL = "SELECT topic, subject FROM parked_subject ORDER BY since"
}
