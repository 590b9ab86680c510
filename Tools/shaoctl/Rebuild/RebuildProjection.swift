import EventLoop
import FoundationEssentials
import HTTP
import JSON

/// `shaoctl rebuild <service> <projection>`: starts it in the service, shows how far it is, and ends with what came out.
enum RebuildProjection {
    static let command = Command(
        words: ["rebuild"], summary: "rebuild a service's projection from the streams, or check it",
        options: AdminDoors.options + [.flag("check", "compare only: the live tables stay as they are")],
        story: """
            Folds the owners' streams from the first event into new tables beside the live ones, compares both at the same place of
            the history, says which tables differ, and puts the new ones in the place of the old. The service goes on meanwhile; its
            consumer waits for some milliseconds. Ctrl-C ends the rebuild and leaves nothing. A name that is no projection of the
            service is answered with those that are.

            With --check exit 1 means that a table differs.
            """,
        run: run, operands: ["service", "projection"])

    @Sendable static func run(_ arguments: Arguments) async throws {
        let environment = ProcessInfo.processInfo.environment
        let doors = try AdminDoors(arguments, environment: environment)
        let door = try doors.door(arguments.operands[0])
        let name = arguments.operands[1]
        guard name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }) else {
            throw Stop.usage("“\(name)” is no projection's name: lower-case letters, digits and _")
        }
        let terminal = Terminal(environment: environment)
        var view = RebuildView(terminal, title: "\(door.service) \(name)")
        let rebuild = { (method: String, query: String) in
            try await ask(doors, HTTPClient.Request(method, "\(door.url)/internal/rebuild\(query)"))
        }
        _ = try await rebuild("POST", "?projection=\(name)\(arguments.has("check") ? "&check=true" : "")")
        let loop = EventLoop.shared
        let stopping = Signal(on: loop)
        let watch = Task(executorPreference: loop) {
            await loop.firstStopSignal()
            stopping.raise()
        }
        defer { watch.cancel() }
        while true {
            let report = RebuildReport(try await rebuild("GET", ""))
            view.show(report)
            if report.isEnd { return try view.conclude(report) }
            if try await stopping.wait(until: .now + .milliseconds(200)) {
                view.show(RebuildReport(try await rebuild("DELETE", "")))
                throw Stop.failed("ended on request; nothing of it is left")
            }
        }
    }
}

extension RebuildProjection {
    /// Any success, decoded; throws with the problem's own words otherwise.
    private static func ask(_ doors: AdminDoors, _ request: HTTPClient.Request) async throws -> JSONValue {
        let answer = try await doors.send(request)
        guard (200..<300).contains(answer.status) else { throw Stop.failed(Gateway.reason(answer)) }
        return try JSONReader.decode(JSONValue.self, from: answer.body)
    }
}

/// What `GET /internal/rebuild` says.
struct RebuildReport: Sendable {
    struct Table: Sendable {
        let name: String
        let liveRows, rebuiltRows, onlyLive, onlyRebuilt: Int64
        let isEqual: Bool
    }
    let phase: String
    let applied, total, milliseconds, held: Int64
    let rate: Double
    let isCheck, isSwapped: Bool
    let tables: [Table]
    let trouble: String?

    init(_ json: JSONValue) {
        phase = json["phase"]?.text ?? ""
        applied = json["applied"].whole
        total = json["total"].whole
        milliseconds = json["milliseconds"].whole
        held = json["heldMilliseconds"].whole
        rate = Double(json["rate"].whole)
        isCheck = json["check"] == .bool(true)
        isSwapped = json["swapped"] == .bool(true)
        trouble = json["trouble"]?.text
        tables = Self.elements(json["tables"]).map { table in
            Table(
                name: table["table"]?.text ?? "", liveRows: table["liveRows"].whole, rebuiltRows: table["rebuiltRows"].whole,
                onlyLive: table["onlyLive"].whole, onlyRebuilt: table["onlyRebuilt"].whole, isEqual: table["equal"] == .bool(true))
        }
    }

    private static func elements(_ json: JSONValue?) -> [JSONValue] {
        if case .array(let elements)? = json { elements } else { [] }
    }

    var isEnd: Bool { ["done", "failed", "cancelled"].contains(phase) }
    var differing: [Table] { tables.filter { !$0.isEqual } }
}

extension JSONValue? {
    fileprivate var whole: Int64 {
        switch self {
        case .int(let number)?: number
        case .number(let number)?: Int64(exactly: number.rounded()) ?? 0
        default: 0
        }
    }
}
