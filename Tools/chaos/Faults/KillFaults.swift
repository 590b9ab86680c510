import EventLoop
import Glibc

/// Processes that die or stand still.
enum KillFaults {
    static let all: [Fault] = Street.services.map(kill) + [randomly] + ["routing", "intake", "analytics"].map(stand)

    private static func kill(_ service: String) -> Fault {
        Fault(name: "kill.\(service)", title: "kill -9 of \(service), three times") { scene in
            var chance = scene.chance(service)
            for _ in 0..<3 {
                try await Wait.pass(.milliseconds(Int64.random(in: 300...1500, using: &chance)))
                try await scene.street.killAndRestart(scene.street[service])
            }
            return Evidence("killed 3×", wasFelt: true)
        }
    }

    private static let randomly = Fault(name: "kill.random", title: "kill -9 of somebody every second") { scene in
        var chance = scene.chance("random")
        for _ in 0..<10 {
            try await Wait.pass(.milliseconds(Int64.random(in: 600...1400, using: &chance)))
            if let service = Street.services.randomElement(using: &chance) {
                try await scene.street.killAndRestart(scene.street[service])
            }
        }
        return Evidence("killed 10×", wasFelt: true)
    }

    /// A process that stands still keeps its sessions, its locks and its place in the group; a second one takes over.
    private static func stand(_ service: String) -> Fault {
        Fault(name: "stop.\(service)", title: "\(service) stands still 12 s beside a second replica, then goes on") { scene in
            let spare = try await scene.street.hire(service)
            try await Wait.pass(.seconds(2))
            let still = scene.street[service]
            still.child.signal(SIGSTOP)
            scene.street.lead(still, to: spare)
            let began = ContinuousClock.now
            // What does not need the door of the one that stands still: its consumers, its way out.
            var takeOver = "nobody took over"
            let services = service == "intake" ? [String]() : [service]
            do {
                if !services.isEmpty {
                    takeOver = "taken over after \(try await scene.travel.time(through: services, within: .seconds(12)).rounded) s"
                }
            } catch {
                takeOver += ": \(error)"
            }
            let rest = Duration.seconds(12) - (ContinuousClock.now - began)
            if rest > .zero { try await Wait.pass(rest) }
            still.child.signal(SIGCONT)
            scene.street.lead(still, to: nil)
            try await Wait.pass(.seconds(2))
            await scene.street.dismiss(spare)
            return Evidence(
                service == "intake" ? "stood still 12 s" : takeOver, wasFelt: takeOver.hasPrefix("taken") || service == "intake")
        }
    }
}

extension Duration {
    /// Seconds with one digit.
    var rounded: String { "\((seconds * 10).rounded() / 10)" }
}
