import Contracts
import HTTP
import ServiceKit
import Telemetry

/// Passes over cases that cannot be read, and says so.
struct DamagedCases: Sendable {
    let log: Log
    let count: Counter

    init(log: Log, metrics: MetricsRegistry) {
        self.log = log
        count = metrics.counter("shao_cases_damaged_total", "Cases whose rows could not be read, each time that they were met.")
    }

    /// Those that can be read.
    func sound(_ cases: some Sequence<StoredCase>) -> [CaseFile] {
        cases.compactMap { stored in
            do throws(CaseDamaged) { return try stored.file } catch {
                report(error)
                return nil
            }
        }
    }

    /// The parts of a case that can be read, where the others may be missing: what was said, on a page.
    func sound<Part>(_ parts: [CasePart<Part>]) -> [Part] {
        parts.compactMap { part in
            do { return try part.content.get() } catch {
                report(CaseDamaged(ticket: part.ticket, cause: error))
                return nil
            }
        }
    }

    func report(_ damage: CaseDamaged) {
        count.add()
        log.error("a case cannot be read", ["ticket": "\(damage.ticket)", "error": "\(damage.cause)"])
    }
}

extension Problem {
    /// 500: nothing that was asked is wrong, and nothing else is touched by it.
    static func damaged(_ damage: CaseDamaged) -> Problem {
        Problem(
            500, "case-damaged",
            title: .init("工单数据损坏，暂时无法办理，请联系系统管理员", "The case's data is damaged; ask the administrator"),
            detail: "The rows of case \(damage.ticket) cannot be read. It is left as it is; the log says which column is wrong.")
    }
}
