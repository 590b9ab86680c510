import EventLoop
import FoundationEssentials
import Postgres
import Telemetry

/// Each service killed between two steps that a crash must not tell apart.
enum CrashFaults {
    /// Which services pass which moments.
    static func services(of point: CrashPoint) -> [String] {
        switch point.rawValue.prefix(while: { $0 != "." }) {
        case "sequencer", "publisher": ["intake", "routing", "notification"]
        case "consumer": ["routing", "analytics", "voting"]
        case "parking", "foreign": ["routing"]
        default: [String(point.rawValue.prefix { $0 != "." })]
        }
    }

    static let all: [Fault] = CrashPoint.allCases.flatMap { point in services(of: point).map { fault(point, $0) } }

    private static func fault(_ point: CrashPoint, _ service: String) -> Fault {
        Fault(
            name: "crash.\(point.rawValue).\(service)", title: "\(service) dies at \(point.rawValue)",
            isSkipped: { _ in needsMore[point] }
        ) { scene in
            let station = scene.street[service]
            try await provoke(point, scene)
            await station.child.kill9()
            // Not at the first passing where there are many: in the middle of work, not of starting.
            let passing = atStart.contains(point) ? 1 : 3
            try scene.street.start(station, with: ["SHAO_CRASH_AT": "\(point.rawValue):\(passing)"])
            let died = await Wait.until(.seconds(25)) { !station.child.isRunning }
            guard died else { return Evidence("never passed there", wasFelt: false) }
            guard station.child.wasKilled else { throw Failure("\(service) ended by itself: \(station.child.tail)") }
            try scene.street.start(station)
            return Evidence("died at passing \(passing)", wasFelt: true)
        }
    }

    /// Passed once in a process's life, or only when something else happens.
    private static let atStart: Set<CrashPoint> = [
        .sequencerAfterLoad, .publisherAfterLead, .intakeAfterNumbers, .routingMidDirectory, .publisherMidRefill, .consumerMidPull,
        .parkingMidPark, .parkingMidReplay, .foreignMidRefusal, .votingMidEvaluation, .votingAfterCommit,
    ]

    /// What everyday life does not lead to; rows of their own bring it about.
    private static let needsMore: [CrashPoint: String] = [
        .parkingMidPark: "see records.poison", .parkingMidReplay: "see records.poison", .publisherMidRefill: "see broker.wipe-crash",
        .consumerMidPull: "see broker.pull-crash",
    ]

    private static func provoke(_ point: CrashPoint, _ scene: Scene) async throws {
        switch point {
        case .routingMidDirectory:
            try await scene.street.databases.pool("routing").execute(DatabaseQueries.forgetDirectory)
        case .foreignMidRefusal: try await Forger(scene).feedbackNobodyAskedFor(3)
        default: break
        }
    }
}
