import EventLoop
import FoundationEssentials
import JSON

/// What came of one fault.
struct Row: Sendable {
    enum Verdict: String, Sendable { case pass, fail, skipped }
    let name: String
    let title: String
    var verdict: Verdict
    var heal: Duration?
    var evidence: String
    var broken: [String] = []
    /// Counters that grew.
    var grown: [String: Double] = [:]
    var accepted = 0
    /// What the fault saw itself.
    var wasFelt: Bool?
    var mayHalt = false
}

/// Lets faults happen under load, one after the other, and asks each time whether the promises were kept.
struct Runner: Sendable {
    let scene: Scene
    let report: Report
    /// Until everything that was said must have been heard.
    static let patience = Duration.seconds(75)

    func run(_ fault: Fault) async throws -> Row {
        if let why = fault.isSkipped(scene) {
            return Row(name: fault.name, title: fault.title, verdict: .skipped, evidence: why)
        }
        var row = Row(name: fault.name, title: fault.title, verdict: .pass, evidence: "")
        scene.load.begin()
        try await Wait.pass(.seconds(1))
        await scene.counters.look()
        let before = scene.counters.totals
        let accepted = scene.load.journal.accepted
        await happen(fault, &row)
        await scene.load.rest()
        await settle(&row)
        row.accepted = scene.load.journal.accepted - accepted
        row.grown = try await grown(since: before, awaiting: fault.bites)
        if row.mayHalt, (row.grown["shao_diverged_total"] ?? 0) > 0 {
            row.evidence += "; said DIVERGED, as it must"
            row.broken = []
        }
        judge(fault, &row)
        if row.verdict == .fail || row.mayHalt {
            // What is broken must not be blamed on the next fault.
            report.keepLogs(of: fault.name, scene.street.environment)
            try await scene.fresh()
        }
        return row
    }

    private func happen(_ fault: Fault, _ row: inout Row) async {
        do {
            let evidence = try await fault.happen(scene)
            row.evidence = evidence.words
            row.wasFelt = evidence.wasFelt
            row.mayHalt = evidence.mayHalt
        } catch {
            row.broken.append("\(error)")
        }
        do {
            let trip = try await scene.travel.trip(within: row.mayHalt ? .seconds(15) : .seconds(60))
            row.heal = trip.whole
            if trip.whole > .seconds(1) { row.evidence += ", healed in \(trip.words)" }
        } catch {
            row.broken.append("not healed: \(error)")
        }
    }

    private func settle(_ row: inout Row) async {
        let patience = row.mayHalt ? .seconds(20) : Self.patience
        do {
            try await scene.quiet.wait(within: patience)
        } catch {
            row.broken.append("I10: not quiet after \(Int(patience.seconds)) s: \(error)")
        }
        do {
            var broken = try await scene.invariants.broken(afterRestore: row.mayHalt)
            // A clock that falls due between two databases' answers looks like a difference; a broken promise stays broken.
            if !broken.isEmpty, !row.mayHalt {
                try await scene.quiet.wait(within: patience)
                broken = try await scene.invariants.broken()
            }
            row.broken += broken
        } catch {
            row.broken.append("\(error)")
        }
    }

    /// What has been counted since. Consumers are quiet long before a broker that comes back is filled again.
    private func grown(since before: [String: Double], awaiting bites: [String]) async throws -> [String: Double] {
        var grown: [String: Double] = [:]
        _ = await Wait.until(bites.isEmpty ? .zero : .seconds(30), every: .milliseconds(500)) {
            await scene.counters.look()
            grown = scene.counters.totals.filter { $0.value > before[$0.key] ?? 0 }
            for name in grown.keys { grown[name]? -= before[name] ?? 0 }
            return bites.isEmpty || bites.contains { grown[$0] != nil }
        }
        return grown
    }

    private func judge(_ fault: Fault, _ row: inout Row) {
        if row.wasFelt == false || row.wasFelt == nil && fault.bites.isEmpty { row.broken.append("the fault was not felt") }
        if !fault.bites.isEmpty, !fault.bites.contains(where: { (row.grown[$0] ?? 0) > 0 }) {
            row.broken.append("none of \(fault.bites.joined(separator: ", ")) grew")
        }
        if !row.broken.isEmpty { row.verdict = .fail }
    }
}
