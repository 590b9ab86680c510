import Contracts
import HTTP
import Postgres
import ServiceKit

/// Finds the case that somebody of the staff asks for.
struct FindCase: Sendable {
    let pool: PostgresPool
    let damaged: DamagedCases

    /// Throws 404 for a case that does not exist for the unit, 500 `case-damaged` for one of its own that cannot be read.
    func find(_ id: CaseID, for worker: CaseWorker) async throws -> CaseFile {
        guard let stored = try await pool.readCases(.ticket(id)).first else { throw Self.unknown }
        let file: CaseFile
        do throws(CaseDamaged) { file = try stored.file } catch {
            guard try await pool.query(CaseQueries.isSeen(id, by: worker.unit), as: Bool.self).first == true else { throw Self.unknown }
            damaged.report(error)
            throw Problem.damaged(error)
        }
        guard worker.sees(file.serviceCase) else { throw Self.unknown }
        return file
    }

    static let unknown = Problem.notFound("There is no such case, or it is not yours.")
}
