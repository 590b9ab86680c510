import Contracts
import Crypto
import EventLog
import FoundationEssentials
public import Postgres
import ServiceKit

/// `routing import [--dry-run] [--area CODE] FOLDER…` or `… KIND=FILE…`: the city's places, units and rules from files, all or nothing.
///
/// A folder holds files named after the kinds (`areas.json`, …); folders in it that are named after an area hold what is in force there.
public enum ImportCommand {
    public static let usage = """
        usage: routing import [--dry-run] [--if-empty] [--area CODE] FOLDER | KIND=FILE…
          kinds: areas grids departments plates categories calendar clocks catalogue
          --area CODE   the files are about this area: what it has and the files lack is retired, and the rules are in force there
          --dry-run     says what would change, and changes nothing
          --if-empty    does nothing where a city was imported before
        """

    /// Runs it with the service's settings. Throws `DataFileError` for the first thing that is wrong in the files.
    public static func run(_ arguments: [String], environment: [String: String]) async throws -> [String] {
        var (isDryRun, onlyIfEmpty, area, sources): (Bool, Bool, AreaCode?, [String]) = (false, false, nil, [])
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--dry-run": isDryRun = true
            case "--if-empty": onlyIfEmpty = true
            case "--area":
                guard let code = rest.popFirst().flatMap({ AreaCode($0) }) else { throw UsageError("--area takes \(AreaCode.form)") }
                area = code
            case _ where argument.hasPrefix("--"): throw UsageError("\(argument) is no option of this command")
            default: sources.append(argument)
            }
        }
        guard !sources.isEmpty else { throw UsageError("what is to be imported?") }
        let imports = try files(sources, area)
        let (onlyTry, mustBeEmpty, started) = (isDryRun, onlyIfEmpty, ContinuousClock.now)
        let report = try await Routing.withDatabase(environment: environment) { pool -> ImportReport? in
            if mustBeEmpty, try await pool.query(CityQueries.version, as: Int64.self).first != 0 { return nil }
            return try await Self.use(pool).run(imports, isDryRun: onlyTry)
        }
        guard let report else { return ["a city is there already; it stays as it is"] }
        return report.lines(isDryRun: isDryRun, took: ContinuousClock.now - started)
    }

    /// A folder into a database of routing's.
    public static func run(folder: String, into pool: PostgresPool) async throws {
        _ = try await use(pool).run(try files([folder], nil))
    }

    private static func use(_ pool: PostgresPool) -> ImportCity {
        let clock = SystemTimekeeper()
        let ids = UUIDv7Generator(now: { clock.now() }, random: { SystemRandom.bytes($0) })
        return ImportCity(pool: pool, outbox: Outbox(ids: ids, clock: clock), clock: clock)
    }

    struct UsageError: Error, CustomStringConvertible {
        let description: String
        init(_ reason: String) { description = reason + "\n" + ImportCommand.usage }
    }

    static func files(_ sources: [String], _ area: AreaCode?) throws -> [CityFiles] {
        var single = CityFiles(area: area)
        var hasSingle = false
        var imports: [CityFiles] = []
        for source in sources {
            if let split = source.firstIndex(of: "=") {
                let kind = String(source[..<split])
                guard CityFiles.kinds.contains(kind) else {
                    throw UsageError("“\(kind)” is none of \(CityFiles.kinds.joined(separator: ", "))")
                }
                single.set(kind, try read(String(source[source.index(after: split)...])))
                hasSingle = true
            } else {
                imports += try folder(source, area)
            }
        }
        return imports + (hasSingle ? [single] : [])
    }

    static func read(_ path: String) throws(DataFileError) -> DataFile {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw DataFileError(file: path, pointer: "#", code: "unreadable", reason: "\(path) cannot be read")
        }
        return DataFile(name: path, bytes: Array(data))
    }

    private static func folder(_ path: String, _ area: AreaCode?) throws -> [CityFiles] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw DataFileError(file: path, pointer: "#", code: "unreadable", reason: "\(path) is no folder that can be read")
        }
        var files = CityFiles(area: area)
        for kind in CityFiles.kinds where names.contains("\(kind).json") { files.set(kind, try read("\(path)/\(kind).json")) }
        return try [files] + names.sorted().compactMap { AreaCode($0) }.flatMap { try folder("\(path)/\($0)", $0) }
    }
}

extension CityFiles {
    static let kinds = ["areas", "grids", "departments", "plates"] + RuleKind.allCases.map(\.rawValue)

    /// Nothing for a kind that is none of ``kinds``.
    mutating func set(_ kind: String, _ file: DataFile) {
        switch kind {
        case "areas": areas = file
        case "grids": grids = file
        case "departments": departments = file
        case "plates": plates = file
        default: if let rule = RuleKind(rawValue: kind) { rules[rule] = file }
        }
    }
}

extension ImportReport {
    func lines(isDryRun: Bool, took: Duration) -> [String] {
        let what = "\(added) new, \(changed) changed, \(retired) retired; \(events) events"
        let rules = activated.sorted { $0.key < $1.key }.map { "rules in force in \($0.key): rule set \($0.value)" }
        let head = isEmpty ? "nothing differs from what is there" : isDryRun ? "it would be: \(what)" : what
        return ["\(head) (\(took.formatted))"] + rules + warnings
    }
}

extension Duration {
    fileprivate var formatted: String {
        let tenths = (components.seconds * 10) + components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
