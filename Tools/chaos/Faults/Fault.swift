import EventLoop
import Telemetry

/// Something that goes wrong, and how it is put right again: by nobody, or by what would do it in production (a supervisor that
/// starts a dead process, a network that comes back).
struct Fault: Sendable {
    /// What `--only` names: a family and a member, `kill.intake`.
    let name: String
    let title: String
    /// Counters of the services of which one must have grown, or the fault was not felt.
    var bites: [String] = []
    /// Why it cannot be tried here; nil: it can.
    var isSkipped: @Sendable (Scene) -> String? = { _ in nil }
    /// From the first harm until the last cause is gone. Answers what it did, in words.
    let happen: @Sendable (Scene) async throws -> Evidence
}

/// What a fault did.
struct Evidence: Sendable {
    var words: String
    /// What it saw itself of being felt, whatever the services count; nil: only their counters tell.
    var wasFelt: Bool?
    /// What was lost for good may show as partitions that halt and say DIVERGED, never in silence; nothing is compared then.
    var mayHalt = false

    init(_ words: String, wasFelt: Bool? = nil, mayHalt: Bool = false) {
        self.words = words
        self.wasFelt = wasFelt
        self.mayHalt = mayHalt
    }
}

/// Where faults happen.
final class Scene: Sendable {
    let street: Street
    let load: Load
    let demo: Demo
    let counters: Counters
    let invariants: Invariants
    let quiet: Quiet
    let travel: Travel
    let seed: UInt64

    init(_ environment: Environment, rate: Double, seed: UInt64) throws {
        demo = try Demo(environment.demo)
        street = try Street(environment, topics: demo.topics)
        load = try Load(street, demo, rate: rate, seed: seed)
        counters = Counters(street)
        invariants = Invariants(street: street, journal: load.journal, counters: counters)
        quiet = Quiet(street: street)
        travel = Travel(street: street, residents: load.residents)
        self.seed = seed
    }

    /// Everything from nothing, as before the first fault.
    func fresh() async throws {
        await load.end()
        try await street.fresh()
        load.forget()
    }

    func chance(_ salt: String) -> Chance {
        Chance(seed: salt.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }
}

/// A ticket sent now, and where it has arrived.
struct Travel: Sendable {
    let street: Street
    let residents: Residents

    /// When the report was accepted, and when its ticket had come through each service.
    struct Trip: Sendable {
        let accepted: Duration
        var arrivals: [(service: String, after: Duration)] = []

        var whole: Duration { arrivals.map(\.after).max() ?? accepted }
        /// Where it took longest, in words.
        var words: String {
            guard let last = arrivals.max(by: { $0.after < $1.after }) else { return "accepted after \(accepted.rounded) s" }
            return last.after < .seconds(1)
                ? "\(last.after.rounded) s" : "\(last.after.rounded) s (accepted after \(accepted.rounded) s, last \(last.service))"
        }
    }

    func time(through services: [String] = Street.services, within limit: Duration = .seconds(90)) async throws -> Duration {
        try await trip(through: services, within: limit).whole
    }

    /// From now until a fresh ticket has gone through each of these services.
    func trip(through services: [String] = Street.services, within limit: Duration = .seconds(90)) async throws -> Trip {
        let began = ContinuousClock.now
        let ticket = try await residents.probe(within: limit)
        var missing = services
        var trip = Trip(accepted: ContinuousClock.now - began)
        while !missing.isEmpty {
            for service in missing where try await arrived(ticket, service) {
                missing.removeAll { $0 == service }
                trip.arrivals.append((service, ContinuousClock.now - began))
            }
            guard ContinuousClock.now - began < limit else {
                throw Failure("a ticket had not come through \(missing.joined(separator: ", ")) after \(limit.seconds) s")
            }
            if !missing.isEmpty { try await EventLoop.shared.sleep(for: .milliseconds(10)) }
        }
        return trip
    }

    /// Through intake: routing has its case. Through routing: intake shows it. Through the others: they know of it.
    private func arrived(_ ticket: String, _ service: String) async throws -> Bool {
        let place = service == "intake" ? "routing" : service == "routing" ? "intake" : service
        let found = try? await street.databases.count(place, TravelQueries.arrived(ticket, through: service))
        return (found ?? 0) > 0
    }
}
