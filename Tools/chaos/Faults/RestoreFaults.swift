import EventLoop
import FoundationEssentials

/// Another server under the same name: after a fail-over, or from a backup.
enum RestoreFaults {
    static let all: [Fault] = [failOver, restore]

    private static let mustBeOurs: @Sendable (Scene) -> String? = { $0.street.server == nil ? "this Postgres is not the run's own" : nil }

    /// Nothing lost, another timeline: as when a synchronous standby takes over.
    private static let failOver = Fault(
        name: "postgres.fail-over", title: "a standby with everything takes over: another timeline",
        bites: ["shao_generations_begun_total"],
        isSkipped: mustBeOurs
    ) { scene in
        guard let server = scene.street.server else { return Evidence("") }
        try await server.stopImmediately()
        try await server.startPromoted()
        return Evidence("promoted")
    }

    /// The last seconds are lost, and Kafka has carried them: their numbers are given again, to other events. Whoever applied the
    /// lost ones must halt and say so; nobody may go on in silence.
    private static let restore = Fault(
        name: "postgres.restore", title: "all databases go back to a backup of some seconds ago", bites: ["shao_generations_begun_total"],
        isSkipped: mustBeOurs
    ) { scene in
        guard let server = scene.street.server else { return Evidence("") }
        let backup = "\(server.data)-backup"
        try await server.stopImmediately()
        try await server.copy(to: backup, small: scene.street.environment.small)
        let mark = scene.load.journal.mark()
        try await server.start()
        try await Wait.pass(.seconds(4))
        try await server.stopImmediately()
        try await server.copyBack(from: backup, small: scene.street.environment.small)
        let lost = scene.load.journal.void(since: mark)
        try await server.startPromoted()
        return Evidence("\(lost) accepted reports went with it", mayHalt: true)
    }
}
