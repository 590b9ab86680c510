import EventLoop
import FoundationEssentials
import Postgres
import Telemetry

/// Each service killed between two steps that a crash must not tell apart.
enum CrashFaults {
    static let all: [Fault] = CrashPoint.allCases.flatMap { point in services(of: point).map { fault(point, $0) } }

    /// Which services pass which moments.
    private static func services(of point: CrashPoint) -> [String] {
        switch point.rawValue.prefix(while: { $0 != "." }) {
        case "sequencer": ["intake", "routing", "notification"]
        case "publisher": ["intake", "routing"]
        case "consumer": ["routing", "analytics"]
        case "parking": ["voting"]
        case "foreign": ["routing"]
        default: [String(point.rawValue.prefix { $0 != "." })]
        }
    }

    private static func fault(_ point: CrashPoint, _ service: String) -> Fault {
        Fault(name: "crash.\(point.rawValue).\(service)", title: "\(service) dies at \(point.rawValue)") { scene in
            let process = scene.street[service]
            let way = Way(point, scene)
            try await way.prepare()
            await process.child.kill9()
            // Not at the first passing where there are many: in the middle of work, not of starting.
            let passing = seldom.contains(point) || viaKafka.contains(point) ? 1 : 3
            try scene.street.start(process, with: ["SHAO_CRASH_AT": "\(point.rawValue):\(passing)"])
            try await way.provoke(process)
            let died = await Wait.until(viaKafka.contains(point) ? .seconds(60) : .seconds(25)) { !process.child.isRunning }
            if died, !process.child.wasKilled { throw Failure("\(service) ended by itself: \(process.child.tail)") }
            if died { try scene.street.start(process) } else { try await scene.street.killAndRestart(process) }
            try await scene.street.ready(process)
            try await way.repair()
            return died ? Evidence("died at passing \(passing)", wasFelt: true) : Evidence("never passed there", wasFelt: false)
        }
    }

    /// Passed once in a process's life, or only when something else happens.
    private static let seldom: Set<CrashPoint> = [
        .sequencerAfterLoad, .publisherAfterLead, .publisherMidRefill, .consumerMidPull, .parkingMidPark, .parkingMidReplay,
        .foreignMidRefusal, .intakeAfterNumbers, .votingMidEvaluation, .votingAfterCommit,
    ]

    /// Passed only once the group has noticed that the one before died, and Kafka brings something again.
    private static let viaKafka: Set<CrashPoint> = [
        .consumerAfterPoll, .foreignBeforeCommit, .foreignAfterCommit, .foreignMidRefusal, .routingMidFeedback,
    ]

    /// How a moment is come by that everyday life does not lead to.
    private struct Way {
        let point: CrashPoint
        let scene: Scene

        init(_ point: CrashPoint, _ scene: Scene) {
            self.point = point
            self.scene = scene
        }

        private var voting: PostgresPool { scene.street.databases.pool("voting") }

        func prepare() async throws {
            switch point {
            case .consumerMidPull: await scene.street.broker.kill()
            case .parkingMidPark: try await voting.execute(PoisonQueries.refuse(oneIn: 6))
            case .parkingMidReplay:
                try await voting.execute(PoisonQueries.refuse(oneIn: 6))
                try await Wait.pass(.seconds(5))
                try await voting.execute(PoisonQueries.accept)
            default: break
            }
        }

        func provoke(_ process: ServiceProcess) async throws {
            switch point {
            case .publisherMidRefill:
                try await scene.street.ready(process)
                await scene.street.broker.kill()
                try await scene.street.broker.restartEmpty()
            // For who dies of them: whoever ran before him would have answered them, and a reader without safety begins at the end.
            case .foreignMidRefusal:
                _ = await Wait.until(.seconds(40), every: .seconds(2)) {
                    try await Forger(scene).feedbackNobodyAskedFor(1)
                    return !process.child.isRunning
                }
            case .parkingMidReplay:
                try await scene.street.ready(process)
                _ = try? await PoisonFaults.replayAll(scene, "voting", within: .seconds(3))
            default: break
            }
        }

        func repair() async throws {
            switch point {
            case .consumerMidPull: try await scene.street.broker.restartEmpty()
            case .parkingMidPark:
                try await voting.execute(PoisonQueries.accept)
                _ = try await PoisonFaults.replayAll(scene, "voting")
            case .parkingMidReplay: _ = try await PoisonFaults.replayAll(scene, "voting")
            default: break
            }
        }
    }
}
