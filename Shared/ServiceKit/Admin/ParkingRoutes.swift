import EventLog
import HTTP
import JSON
import Postgres

/// `/internal/parked…`: what waits for an operator, and what they do with it. Without a consumer nothing is ever parked.
struct ParkingRoutes {
    let parked: ParkedSubjects?
    let access: ServiceGuard

    var routes: Routes {
        var routes = Routes()
        let (parked, access) = (self.parked, self.access)
        routes.get("/internal/parked") { request in
            try access.check(request)
            return .json(ParkedSubjectsPage(subjects: try await parked?.list() ?? []))
        }
        routes.get("/internal/parked/show") { request in
            try access.check(request)
            let (topic, subject) = (try request.required("topic"), try request.required("subject"))
            let events = try await parked?.show(topic: topic, subject: subject) ?? []
            guard !events.isEmpty else { throw Self.absent }
            return .json(ParkedEventsPage(events: events))
        }
        routes.post("/internal/parked/replay") { request in
            try access.check(request)
            let (topic, subject) = (try request.required("topic"), try request.required("subject"))
            return try await Self.told(parked?.replay(topic: topic, subject: subject) ?? .absent)
        }
        routes.post("/internal/parked/drop") { request in
            try access.check(request)
            let (topic, subject) = (try request.required("topic"), try request.required("subject"))
            let why = try request.required("why")
            guard let events = try await parked?.drop(topic: topic, subject: subject, why: why) else { throw Self.absent }
            return .json(CountBody(events: events))
        }
        return routes
    }

    private static func told(_ replay: ParkedSubjects.Replay) throws(Problem) -> HTTPResponse {
        switch replay {
        case .done(let events): return .json(CountBody(events: events))
        case .absent: throw absent
        case .failed(let reason): throw Problem(409, "fails-again", detail: reason)
        }
    }

    private static let absent = Problem(404, "not-parked", detail: "Nothing of that name is parked here.")
}

private struct CountBody: JSONObjectEncodable {
    let events: Int
    func write(members o: inout JSONObjectWriter) { o.member("events", events) }
}
