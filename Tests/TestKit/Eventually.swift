import EventLoop
public import Testing

/// Asks `condition` again and again until it holds; records an issue when it does not within `limit`.
///
/// The one place of the tests that waits for time to pass. Never a pass mark: the limit is only how long we look.
@discardableResult
public func eventually(
    within limit: Duration = .seconds(10), _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async -> Bool {
    let deadline = ContinuousClock.now + limit
    var pause = Duration.milliseconds(1)
    while true {
        do {
            if try await condition() { return true }
        } catch {
            Issue.record(error, comment, sourceLocation: sourceLocation)
            return false
        }
        guard ContinuousClock.now < deadline, (try? await EventLoop.shared.sleep(for: pause)) != nil else { break }
        pause = min(pause * 2, .milliseconds(50))
    }
    Issue.record("not within \(limit): \(comment?.rawValue ?? "the condition")", sourceLocation: sourceLocation)
    return false
}
