import EventLoop
import Glibc

/// The broker dies, hangs, or forgets.
enum BrokerFaults {
    static let all: [Fault] = [
        kill(after: 1), kill(after: 6), hang, wipe, wipeTwice, truncate, without,
    ]

    private static func kill(after pause: Int) -> Fault {
        Fault(
            name: "broker.kill-\(pause)s", title: "kill -9 of the broker, back after \(pause) s",
            bites: ["shao_publish_failures_total", "shao_duplicates_total", "shao_refills_total", "shao_pulled_total"]
        ) { scene in
            await scene.street.broker.kill()
            try await Wait.pass(.seconds(pause))
            try await scene.street.broker.restart()
            return Evidence(scene.street.broker.isReal ? "on its old data" : "it came back empty")
        }
    }

    private static let hang = Fault(name: "broker.hang", title: "the broker stands still for 6 s") { scene in
        scene.street.broker.signal(SIGSTOP)
        try await Wait.pass(.seconds(6))
        scene.street.broker.signal(SIGCONT)
        return Evidence("SIGSTOP 6 s", wasFelt: true)
    }

    private static let wipe = Fault(
        name: "broker.wipe", title: "rm -rf of the broker's data under load", bites: ["shao_refilled_total"]
    ) { scene in
        await scene.street.broker.kill()
        let began = ContinuousClock.now
        // Meanwhile the owners are asked directly.
        let pulled = await without(scene)
        try await scene.street.broker.restartEmpty()
        return Evidence(
            "\(pulled.words); restarted empty after \((ContinuousClock.now - began).rounded) s", wasFelt: pulled.trip == nil ? false : nil)
    }

    private static let wipeTwice = Fault(
        name: "broker.wipe-twice", title: "the broker is wiped again while it is refilled", bites: ["shao_refilled_total"]
    ) { scene in
        for pause in [800, 1500] {
            await scene.street.broker.kill()
            try await scene.street.broker.restartEmpty()
            try await Wait.pass(.milliseconds(pause))
        }
        await scene.street.broker.kill()
        try await scene.street.broker.restartEmpty()
        return Evidence("wiped 3×")
    }

    private static let needsDisk: @Sendable (Scene) -> String? = {
        $0.street.broker.isReal ? nil : "the embedded broker keeps nothing on a disk"
    }

    private static let truncate = Fault(
        name: "broker.truncate", title: "the broker loses the tail of every partition and writes on",
        bites: ["shao_refilled_total", "shao_repaired_total", "shao_pulled_total"],
        isSkipped: needsDisk
    ) { scene in
        await scene.street.broker.kill()
        let cut = scene.street.broker.truncate(to: 0.6)
        try await scene.street.broker.restart()
        return Evidence("\(cut) partitions cut to 60 %", wasFelt: cut > 0 ? nil : false)
    }

    private static let without = Fault(
        name: "broker.none", title: "no broker at all for 15 s", bites: ["shao_pulled_total"]
    ) { scene in
        await scene.street.broker.kill()
        var trips: [Travel.Trip] = []
        let end = ContinuousClock.now + .seconds(15)
        while ContinuousClock.now < end {
            let (trip, words) = await without(scene)
            guard let trip else {
                try await scene.street.broker.restartEmpty()
                return Evidence(words, wasFelt: false)
            }
            trips.append(trip)
        }
        try await scene.street.broker.restartEmpty()
        let worst = trips.max { $0.whole < $1.whole }
        return Evidence("\(trips.count) tickets travelled without it, at most \(worst?.words ?? "–")")
    }

    private static func without(_ scene: Scene) async -> (trip: Travel.Trip?, words: String) {
        do {
            let trip = try await scene.travel.trip(within: .seconds(20))
            return (trip, "without it a ticket took \(trip.words)")
        } catch {
            return (nil, "without it: \(error)")
        }
    }
}
