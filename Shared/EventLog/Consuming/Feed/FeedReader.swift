import Telemetry

/// Reads a feed for a loop: what a broker refuses is kept as trouble and tried again, and never ends the loop. An empty
/// batch then lets the loop do what else is due.
struct FeedReader {
    private let feed: any RecordFeed
    private let log: Log
    private let pace: any Pace
    private var backOff: BackOff
    /// What the broker last refused; nil since it answered.
    private(set) var trouble: String?

    /// Milliseconds of the longest wait after a refusal: a loop that also reads elsewhere is not held up by a broker.
    private static let longest = 1000
    private var assignment: Set<StreamPartition> = []

    init(_ feed: any RecordFeed, pace: any Pace, log: Log) {
        self.feed = feed
        self.log = log
        self.pace = pace
        backOff = BackOff(pace, longest: Self.longest)
    }

    /// nil once the feed is closed.
    mutating func next(upTo limit: Int = 500, within patience: Duration) async throws(CancellationError) -> FeedBatch? {
        do {
            let batch = try await feed.next(upTo: limit, within: patience)
            trouble = nil
            if let batch {
                assignment = batch.assignment
                if !batch.messages.isEmpty { (silentSince, renewAfter) = (nil, Self.firstRenewal) }
            }
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

    // MARK: silence

    /// Since when events came another way and none from here.
    private var silentSince: Duration?
    private var renewAfter = Self.firstRenewal
    private static let firstRenewal = Duration.seconds(10), longestRenewal = Duration.seconds(80)

    /// Events came from their owner that this feed did not bring. When nothing at all has come from it for long, its client
    /// has lost the way.
    mutating func noteMissed() { silentSince = silentSince ?? pace.elapsed() }

    /// Joins anew when it is time to.
    mutating func renewWhenSilent() async {
        guard let since = silentSince, pace.elapsed() - since >= renewAfter else { return }
        log.notice("Kafka has brought nothing while owners had news: joining anew")
        silentSince = nil
        renewAfter = min(renewAfter * 2, Self.longestRenewal)
        await feed.renew()
    }
}
