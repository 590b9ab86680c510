import EventLoop
import FoundationEssentials
import Glibc
import Postgres

/// Too little of something, or a wrong clock.
enum ResourceFaults {
    static let all: [Fault] = [slow, descriptors, diskFull] + clocks

    private static let needsLimits: @Sendable (Scene) -> String? = { _ in
        access("/usr/bin/prlimit", X_OK) == 0 ? nil : "there is no prlimit"
    }
    private static let needsSmallDisk: @Sendable (Scene) -> String? = { scene in
        scene.street.server == nil || scene.street.environment.small == nil ? "no small file system could be mounted for pg_wal" : nil
    }
    private static let needsLibrary: @Sendable (Scene) -> String? = { _ in
        access(library, R_OK) == 0 ? nil : "libfaketime is not installed (./dev packages chaos)"
    }

    private static let slow = Fault(name: "slow.analytics", title: "analytics' every statement takes 150 ms longer, 8 s") { scene in
        let link = scene.street["analytics"].postgres
        link.set(Link.Conditions(delay: .milliseconds(150)))
        try await Wait.pass(.seconds(4))
        // The others must not feel it.
        let others = try await scene.travel.time(through: Street.services.filter { $0 != "analytics" }, within: .seconds(20))
        try await Wait.pass(.seconds(4))
        link.set(.fine)
        return Evidence("the others took \(others.rounded) s meanwhile", wasFelt: link.felt.held > 0)
    }

    private static let descriptors = Fault(
        name: "limit.descriptors", title: "intake has 36 descriptors",
        isSkipped: needsLimits
    ) { scene in
        let intake = scene.street["intake"]
        await intake.child.kill9()
        try scene.street.start(intake, wrapper: ["/usr/bin/prlimit", "--nofile=36:36"])
        let before = scene.load.journal.troubles
        try await Wait.pass(.seconds(6))
        let after = scene.load.journal.troubles
        let lived = intake.child.isRunning
        try await scene.street.killAndRestart(intake)
        return Evidence(
            "\(lived ? "lived on" : "ended"), \(after.unavailable - before.unavailable) answers 503, \(after.unknown - before.unknown) none",
            wasFelt: true)
    }

    /// The file system that holds pg_wal is small and ours; a ballast fills it.
    private static let diskFull = Fault(
        name: "disk.full", title: "no room for Postgres' log for 6 s", bites: ["shao_publish_failures_total", "shao_apply_retries_total"],
        isSkipped: needsSmallDisk
    ) { scene in
        guard let server = scene.street.server, let small = scene.street.environment.small else { return Evidence("") }
        let ballast = "\(small)/ballast"
        try fill(ballast)
        let before = scene.load.journal.troubles
        // The segments that are there already would last for minutes of everyday life.
        let pool = scene.street.databases.server
        let writing = Task(executorPreference: EventLoop.shared) { _ = try? await pool.execute(DatabaseQueries.writeMuch) }
        try await Wait.pass(.seconds(8))
        let after = scene.load.journal.troubles
        unlink(ballast)
        await writing.value
        // A server that gave up is started again by its supervisor.
        let gaveUp = server.pid.map { kill($0, 0) != 0 } ?? true
        if gaveUp { try await server.start() }
        return Evidence(
            "\(gaveUp ? "Postgres ended; " : "")\(after.unavailable - before.unavailable) answers 503, \(after.unknown - before.unknown) none"
        )
    }

    private static func fill(_ path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Failure("\(path) cannot be written") }
        defer { close(file) }
        let block = [UInt8](repeating: 0x20, count: 1 << 16)
        while write(file, block, block.count) > 0 {}
        // The last bytes too: whole blocks leave a rest.
        while write(file, block, 512) > 0 {}
    }

    // MARK: Clocks

    private static let clocks: [Fault] = [
        ("forward", "routing's clock jumps an hour ahead", "routing", ["+0", "+3600"]),
        ("back", "intake's clock jumps an hour back", "intake", ["+0", "-3600"]),
        ("years", "notification's clock jumps ten years ahead and back", "notification", ["+0", "+315360000", "+0"]),
        ("skew", "voting falls two hours behind", "voting", ["+0", "-7200"]),
    ].map(clock)

    private static let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

    private static func clock(_ name: String, _ title: String, _ service: String, _ steps: [String]) -> Fault {
        Fault(
            name: "clock.\(name)", title: title,
            isSkipped: needsLibrary
        ) { scene in
            let process = scene.street[service]
            let file = "\(scene.street.environment.state)/clock"
            try Data("\(steps[0])\n".utf8).write(to: URL(filePath: file))
            try await scene.street.killAndRestart(
                process,
                with: [
                    "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                    "DONT_FAKE_MONOTONIC": "1",
                ])
            try await scene.street.ready(process)
            for step in steps {
                try Data("\(step)\n".utf8).write(to: URL(filePath: file))
                try await Wait.pass(.seconds(3))
            }
            let time = try await scene.travel.time(through: [service], within: .seconds(20))
            try await scene.street.killAndRestart(process)
            return Evidence("a ticket took \(time.rounded) s meanwhile", wasFelt: true)
        }
    }
}
