import EventLoop

/// How long each service is missed after kill -9, when it is started again at once: from the kill until a ticket sent after it
/// has gone through that service.
struct Healing: Sendable {
    let scene: Scene

    struct Times: Sendable {
        let service: String
        let sorted: [Duration]
        var failures: [String]

        /// The smallest time that this share of the kills did not exceed.
        func share(_ share: Double) -> Duration? {
            sorted.isEmpty ? nil : sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)]
        }
    }

    func measure(_ service: String, kills: Int) async throws -> Times {
        var times: [Duration] = []
        var failures: [String] = []
        scene.load.begin()
        var chance = scene.chance("healing \(service)")
        for _ in 0..<kills {
            try await Wait.pass(.milliseconds(Int64.random(in: 1000...2500, using: &chance)))
            let began = ContinuousClock.now
            try await scene.street.killAndRestart(scene.street[service])
            do {
                _ = try await scene.travel.time(through: [service], within: .seconds(60))
                times.append(ContinuousClock.now - began)
            } catch {
                failures.append("\(error)")
            }
        }
        await scene.load.rest()
        return Times(service: service, sorted: times.sorted(), failures: failures)
    }
}
