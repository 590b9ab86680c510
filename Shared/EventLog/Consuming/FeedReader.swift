import Telemetry

/// Reads a feed for a loop: what a broker refuses is kept as trouble and tried again, and never ends the loop. An empty
/// batch then lets the loop do what else is due.
struct FeedReader {
    private let feed: any RecordFeed
    private let log: Log
    private var backOff: BackOff
    /// What the broker last refused; nil since it answered.
    private(set) var trouble: String?

    /// Milliseconds of the longest wait after a refusal: a loop that also reads elsewhere is not held up by a broker.
    private static let longest = 1000
    private var assignment: Set<StreamPartition> = []

    init(_ feed: any RecordFeed, pace: any Pace, log: Log) {
        self.feed = feed
        self.log = log
        backOff = BackOff(pace, longest: Self.longest)
    }

    /// nil once the feed is closed.
    mutating func next(upTo limit: Int = 500, within patience: Duration) async throws(CancellationError) -> FeedBatch? {
        do {
            let batch = try await feed.next(upTo: limit, within: patience)
            trouble = nil
            if let batch { assignment = batch.assignment }
            backOff.reset()
            return batch
        } catch let cancelled as CancellationError {
            throw cancelled
        } catch {
            let text = "\(error)"
            if trouble != text { log.warning("Kafka could not be read, trying again", ["error": .string(text)]) }
            trouble = text
            try await backOff.pause()
            return FeedBatch(messages: [], assignment: assignment)
        }
    }
}
