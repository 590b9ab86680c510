import EventLog
import EventLoop
import HTTP
import JSON
import Postgres
import Telemetry

/// `/internal/rebuild` on the admin port: POST begins (`?projection=`, `&check=true` to compare only), GET tells how far it is,
/// DELETE ends it and answers once nothing of it is left. For whoever has the services' token.
struct RebuildRoutes {
    let rebuilder: Rebuilder
    let access: ServiceGuard

    var routes: Routes {
        var routes = Routes()
        let (rebuilder, access) = (rebuilder, access)
        routes.post("/internal/rebuild") { request in
            try access.check(request)
            return try Self.begin(request, rebuilder)
        }
        routes.get("/internal/rebuild") { request in
            try access.check(request)
            return try Self.tell(rebuilder)
        }
        routes.delete("/internal/rebuild") { request in
            try access.check(request)
            await rebuilder.cancel()
            return try Self.tell(rebuilder)
        }
        return routes
    }

    private static func begin(_ request: HTTPRequest, _ rebuilder: Rebuilder) throws -> HTTPResponse {
        guard let name = try request.query("projection") else {
            throw Problem(400, "bad-query", detail: "projection is missing; \(names(rebuilder))")
        }
        let check = try request.query("check")
        guard check == nil || check == "true" || check == "false" else {
            throw Problem(400, "bad-query", detail: "check is true or false")
        }
        do {
            return .json(try rebuilder.start(name, checkOnly: check == "true"), status: .accepted)
        } catch Rebuilder.Refusal.unknown {
            throw Problem(404, "no-such-projection", detail: names(rebuilder))
        } catch Rebuilder.Refusal.running(let progress) {
            throw Problem(409, "rebuild-under-way", detail: "\(progress.projection) is being rebuilt: \(progress.phase.rawValue)")
        }
    }

    private static func tell(_ rebuilder: Rebuilder) throws -> HTTPResponse {
        guard let progress = rebuilder.progress else {
            throw Problem(404, "no-rebuild", detail: "none was begun since this service started; \(names(rebuilder))")
        }
        return .json(progress)
    }

    private static func names(_ rebuilder: Rebuilder) -> String {
        let names = rebuilder.projections.map(\.name)
        return names.isEmpty ? "this service has no projections" : "this service's projections: \(names.joined(separator: ", "))"
    }
}

extension Assembly {
    /// The door to rebuilds; a running part only where there is something to rebuild.
    mutating func addRebuilder() throws -> Routes {
        let (owners, token) = (owners, serviceToken)
        let rebuilder = Rebuilder(
            projections: projections,
            database: try configuration.rebuildPostgres(name),
            live: postgres, hash: streamHash,
            owners: { RemoteStreams(client: try HTTPClient(.unrestricted), owners: owners, token: token) },
            log: log.part("rebuild"), metrics: metrics)
        if !projections.isEmpty {
            let ended = Signal(on: loop)
            add(
                Part(
                    "rebuilder",
                    run: {
                        try await rebuilder.clear()
                        try await ended.wait()
                    },
                    stop: {
                        await rebuilder.cancel()
                        ended.raise()
                    }))
        }
        return RebuildRoutes(rebuilder: rebuilder, access: serviceGuard).routes
    }
}
