import EventLoop
import FoundationEssentials
import Glibc
import Postgres

/// Postgres dies, is full, or is busy with others.
enum DatabaseFaults {
    static let all: [Fault] = [killPostmaster, immediate, crashInCheckpoint, cutSessions, exhausted, longTransaction, longReader]

    private static let mustBeOurs: @Sendable (Scene) -> String? = { $0.street.server == nil ? "this Postgres is not the run's own" : nil }

    private static let killPostmaster = Fault(
        name: "postgres.kill", title: "kill -9 of the postmaster", isSkipped: mustBeOurs
    ) { scene in
        guard let server = scene.street.server else { return Evidence("") }
        try await server.kill()
        try await Wait.pass(.milliseconds(500))
        try await server.start()
        return Evidence("killed and started", wasFelt: true)
    }

    private static let immediate = Fault(
        name: "postgres.immediate", title: "Postgres stops without a checkpoint, three times", isSkipped: mustBeOurs
    ) { scene in
        guard let server = scene.street.server else { return Evidence("") }
        for _ in 0..<3 {
            try await Wait.pass(.seconds(1))
            try await server.stopImmediately()
            try await server.start()
        }
        return Evidence("stopped 3×", wasFelt: true)
    }

    private static let crashInCheckpoint = Fault(
        name: "postgres.checkpoint", title: "kill -9 of the postmaster during a checkpoint", isSkipped: mustBeOurs
    ) { scene in
        guard let server = scene.street.server else { return Evidence("") }
        let pool = scene.street.databases.server
        let checkpoint = Task(executorPreference: EventLoop.shared) { _ = try? await pool.execute(DatabaseQueries.checkpoint) }
        try await Wait.pass(.milliseconds(15))
        try await server.kill()
        await checkpoint.value
        try await server.start()
        return Evidence("killed in it", wasFelt: true)
    }

    private static let cutSessions = Fault(
        name: "postgres.sessions", title: "every session is ended, again and again for 5 s"
    ) { scene in
        var ended = 0
        for turn in 0..<20 {
            let service = Street.services[turn % Street.services.count]
            let name = scene.street.environment.postgres.database(service)
            ended += Int(try await scene.street.databases.server.query(DatabaseQueries.endSessions(name), as: Int64.self).first ?? 0)
            try await Wait.pass(.milliseconds(250))
        }
        return Evidence("\(ended) sessions ended", wasFelt: ended > 0)
    }

    private static let needsOwnRoles: @Sendable (Scene) -> String? = {
        $0.street.environment.postgres.user == nil ? nil : "all services share one role here"
    }

    private static let exhausted = Fault(
        name: "postgres.connections", title: "no connection is to be had for 6 s",
        isSkipped: needsOwnRoles
    ) { scene in
        let roles = Street.services.map { scene.street.environment.postgres.role($0) }
        let pool = scene.street.databases.server
        for role in roles { try await pool.execute(DatabaseQueries.limitSessions(role, 1)) }
        for service in Street.services {
            _ = try await pool.query(DatabaseQueries.endSessions(scene.street.environment.postgres.database(service)), as: Int64.self)
        }
        let before = scene.load.journal.troubles
        try await Wait.pass(.seconds(6))
        let after = scene.load.journal.troubles
        for role in roles { try await pool.execute(DatabaseQueries.limitSessions(role, -1)) }
        return Evidence("\(after.unavailable - before.unavailable) answers 503, \(after.unknown - before.unknown) none", wasFelt: true)
    }

    /// Designs that wait for the oldest transaction of the cluster would publish nothing meanwhile.
    private static let longTransaction = Fault(
        name: "postgres.long-writer", title: "a long open transaction in another database: publishing goes on"
    ) { scene in
        try await holding(scene, .readWrite, writes: true) {
            var times: [Duration] = []
            for _ in 0..<8 { times.append(try await scene.travel.time(within: .seconds(20))) }
            let worst = times.max() ?? .zero
            return Evidence("8 tickets travelled, at most \(worst.rounded) s each", wasFelt: true)
        }
    }

    private static let longReader = Fault(
        name: "postgres.long-reader", title: "a long reader's snapshot in another database"
    ) { scene in
        try await holding(scene, .readOnlySnapshot, writes: false) {
            try await Wait.pass(.seconds(4))
            return Evidence("travelled in \(try await scene.travel.time(within: .seconds(20)).rounded) s", wasFelt: true)
        }
    }

    private static func holding(
        _ scene: Scene, _ mode: TransactionMode, writes: Bool, _ body: @Sendable () async throws -> Evidence
    ) async throws -> Evidence {
        let pool = scene.street.databases.server
        let (open, done) = (Signal(on: .shared), Signal(on: .shared))
        let holder = Task(executorPreference: EventLoop.shared) {
            try await pool.transaction(mode) { transaction in
                if writes { _ = try await transaction.query(DatabaseQueries.ownTransaction, as: String.self) }
                open.raise()
                try await done.wait()
            }
        }
        guard try await open.wait(until: .now + .seconds(5)) else { throw Failure("no transaction could be opened") }
        do {
            let evidence = try await body()
            done.raise()
            _ = try? await holder.value
            return evidence
        } catch {
            done.raise()
            _ = try? await holder.value
            throw error
        }
    }
}
