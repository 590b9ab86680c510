import EventLoop
import Synchronization

extension PostgresPool {
    /// Why the server does not answer, the cause first; nil when it does. Takes no longer than `limit`.
    ///
    /// What it answered within `recent` is proof enough: a question of its own would wait in line behind all others, and a busy service would
    /// call itself unfit. One that fails is asked again, on another connection: the first may only have been the broken one.
    public func trouble(recent: Duration = .seconds(1), within limit: Duration = .seconds(1)) async -> String? {
        if hasAnswered(within: recent) { return nil }
        let began = ContinuousClock.now
        let failure = await withTaskGroup(of: String?.self) { group in
            group.addTask(executorPreference: loop) { await self.ask(until: began + limit) }
            group.addTask(executorPreference: loop) {
                try? await self.loop.sleep(until: began + limit)
                return "\(self.state.withLock { $0.reason }) (no answer within \(limit))"
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        // Others were answered meanwhile: the line is long, the server is well.
        return failure == nil || hasAnswered(within: .now - began) ? nil : failure
    }

    private func hasAnswered(within time: Duration) -> Bool { meter.lastAnswer.map { .now - $0 <= time } ?? false }

    private func ask(until deadline: ContinuousClock.Instant) async -> String? {
        while true {
            do {
                try await execute("SELECT 1")
                return nil
            } catch {
                guard ContinuousClock.now < deadline - Self.askingPause else { return "\(error)" }
                do { try await loop.sleep(for: Self.askingPause) } catch { return "\(error)" }
            }
        }
    }

    private static var askingPause: Duration { .milliseconds(50) }
}
