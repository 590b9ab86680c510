import FoundationEssentials
import Glibc
import JSON
import Synchronization

/// Rows as they come, the sum at the end, and all of it as a file.
final class Report: Sendable {
    private let rows = Mutex<[Row]>([])
    private let times = Mutex<[Healing.Times]>([])
    private let isColoured = isatty(1) == 1 && getenv("NO_COLOR") == nil

    /// Counters that prove that faults were felt, over the whole run.
    private static let proofs: [(String, String)] = [
        ("shao_duplicates_total", "duplicates dropped"), ("shao_gaps_total", "gaps noticed"), ("shao_repaired_total", "events repaired"),
        ("shao_pulled_total", "events pulled"), ("shao_refills_total", "refills"), ("shao_refilled_total", "records refilled"),
        ("shao_producers_recreated_total", "producers recreated"), ("shao_publish_failures_total", "publishing failures"),
        ("shao_fenced_total", "consumers fenced"), ("shao_sequencer_fenced_total", "sequencers fenced"),
        ("shao_parked_total", "events parked"), ("shao_unparked_total", "events unparked"),
        ("shao_forged_records_total", "forged records dropped"), ("shao_foreign_records_total", "foreign records ignored"),
        ("shao_foreign_refused_total", "feedback refused"), ("shao_generations_begun_total", "generations begun"),
        ("shao_apply_retries_total", "batches retried"), ("shao_diverged_total", "partitions diverged"),
    ]

    func add(_ row: Row) {
        rows.withLock { $0.append(row) }
        let mark = row.verdict == .pass ? styled("✓", "32") : row.verdict == .fail ? styled("✗", "31") : styled("–", "2")
        let heal = row.heal.map { "\($0.rounded) s" } ?? "–"
        let counted = Self.proofs.compactMap { name, words in
            row.grown[name].map { "\(words) \(Int($0))" }
        }
        say(
            "\(mark) \(pad(row.name, 44)) \(pad(heal, 8)) \(pad("+\(row.accepted)", 7)) \(([row.evidence] + counted).filter { !$0.isEmpty }.joined(separator: ", "))"
        )
        for reason in row.broken { say("    \(styled(reason, "31"))") }
    }

    func add(_ times: Healing.Times) {
        self.times.withLock { $0.append(times) }
        let (half, most) = (times.share(0.5)?.seconds ?? .nan, times.share(0.99)?.seconds ?? .nan)
        say(
            "  \(pad(times.service, 14)) \(times.sorted.count) kills   p50 \(Self.two(half)) s   p99 \(Self.two(most)) s   most \(Self.two(times.sorted.last?.seconds ?? .nan)) s"
        )
        for failure in times.failures { say("    \(styled(failure, "31"))") }
    }

    /// Whether every promise was kept.
    func end(_ scene: Scene, to path: String) -> Bool {
        let rows = rows.withLock { $0 }
        let (passed, failed) = (rows.count { $0.verdict == .pass }, rows.filter { $0.verdict == .fail })
        say("\n  \(rows.count) faults: \(passed) passed, \(failed.count) failed, \(rows.count - passed - failed.count) skipped")
        for row in failed { say("    \(styled("✗", "31")) \(row.name): \(row.broken.first ?? "")") }
        for row in rows where row.verdict == .skipped { say("    – \(row.name): \(row.evidence)") }
        let totals = scene.counters.totals
        let troubles = scene.load.journal.troubles
        say(
            "  felt: " + Self.proofs.map { "\($1) \(Int(totals[$0] ?? 0))" }.joined(separator: ", ")
                + ", requests without an answer \(troubles.unknown), answers 503 \(troubles.unavailable)")
        let largest = scene.counters.largest
        say("  heaviest process \(largest.name) \(largest.mib) MiB, most descriptors \(largest.descriptors)")
        try? Data(json(rows, totals)).write(to: URL(filePath: path))
        return failed.isEmpty && times.withLock { $0.allSatisfy { $0.failures.isEmpty } }
    }

    func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(1, bytes, bytes.count)
    }

    /// The services' words at a failed row, before they go on.
    func keepLogs(of name: String, _ environment: Environment) {
        let folder = "\(environment.state)/failed/\(name)"
        try? FileManager.default.removeItem(atPath: folder)
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for file in (try? FileManager.default.contentsOfDirectory(atPath: environment.logs)) ?? [] where file.hasSuffix(".log") {
            try? FileManager.default.copyItem(atPath: "\(environment.logs)/\(file)", toPath: "\(folder)/\(file)")
        }
    }

    private func json(_ rows: [Row], _ totals: [String: Double]) -> [UInt8] {
        let list = rows.map { row in
            JSONValue.object([
                .init("fault", .string(row.name)), .init("title", .string(row.title)), .init("verdict", .string(row.verdict.rawValue)),
                .init("heal_s", row.heal.map { .number($0.seconds) } ?? .null), .init("accepted", .int(Int64(row.accepted))),
                .init("evidence", .string(row.evidence)), .init("broken", .array(row.broken.map { .string($0) })),
                .init("grown", .object(row.grown.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) })),
            ])
        }
        let healing = times.withLock { $0 }.map { times in
            JSONValue.object([
                .init("service", .string(times.service)), .init("kills", .int(Int64(times.sorted.count))),
                .init("p50_s", .number(times.share(0.5)?.seconds ?? 0)), .init("p99_s", .number(times.share(0.99)?.seconds ?? 0)),
                .init("each_s", .array(times.sorted.map { .number($0.seconds) })),
            ])
        }
        return JSONValue.object([
            .init("faults", .array(list)), .init("healing", .array(healing)),
            .init("totals", .object(totals.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) })),
        ]).json
    }

    private func styled(_ text: String, _ style: String) -> String { isColoured ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text }
    private func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
    private static func two(_ number: Double) -> String { number.isFinite ? "\((number * 100).rounded() / 100)" : "–" }
}
