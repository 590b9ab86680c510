import Crypto
import EventLoop
import HTTP
import JSON
import Postgres

/// Events whose handler fails for good, until somebody repairs what is wrong.
enum PoisonFaults {
    static let all: [Fault] = [some, everything]

    /// One ticket in eight cannot be stored by voting; the others go on. Repaired, the parked ones are replayed.
    private static let some = Fault(
        name: "poison.some", title: "one ticket in eight cannot be applied by voting; repaired and replayed",
        bites: ["shao_parked_total"]
    ) { scene in
        try await scene.street.databases.pool("voting").execute(PoisonQueries.refuse(oneIn: 8))
        try await Wait.pass(.seconds(6))
        try await scene.street.databases.pool("voting").execute(PoisonQueries.accept)
        try await Wait.pass(.seconds(1))
        let replayed = try await replayAll(scene, "voting")
        return Evidence("\(replayed) tickets replayed", wasFelt: replayed > 0)
    }

    /// Everything fails: the ceiling stops the partitions, nothing is parked without end.
    private static let everything = Fault(
        name: "poison.all", title: "no ticket can be applied by voting: the ceiling holds", bites: ["shao_parked_total"]
    ) { scene in
        try await scene.street.databases.pool("voting").execute(PoisonQueries.refuse(oneIn: 1))
        try await Wait.pass(.seconds(8))
        try await scene.street.databases.pool("voting").execute(PoisonQueries.accept)
        // A halted partition tries again by itself every 30 s; what is parked waits for a word.
        let parked = try await scene.street.databases.count("voting", PoisonQueries.parked)
        let replayed = try await replayAll(scene, "voting")
        return Evidence("\(parked) tickets parked, \(replayed) replayed", wasFelt: parked > 0)
    }

    /// What `shaoctl parked replay` does, for everything that is parked, until nothing is.
    static func replayAll(_ scene: Scene, _ service: String, within limit: Duration = .seconds(40)) async throws -> Int {
        let key = HMACKey(Array(try scene.street.environment.secret("SHAO_EVENT_KEY", of: service).utf8))
        let token = Base64.url.encode(key.authenticate("service-token"))
        var replayed = 0
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let subjects = try await scene.street.databases.pool(service).query(PoisonQueries.subjects) { row in
                (topic: try row["topic"] as String, subject: try row["subject"] as String)
            }
            if subjects.isEmpty { return replayed }
            for one in subjects {
                var request = HTTPClient.Request.post(
                    "http://127.0.0.1:\(scene.street[service].adminPort)/internal/parked/replay?topic=\(one.topic)&subject=\(one.subject)",
                    [])
                request.headers.append((name: "authorization", value: "Bearer \(token)"))
                let answer = try await scene.street.client.send(request)
                if answer.status == 200 || answer.status == 204 { replayed += 1 }
            }
        }
        throw Failure("\(service) still has parked tickets")
    }
}
