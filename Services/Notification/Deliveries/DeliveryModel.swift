import Contracts

/// Where a delivery stands.
enum DeliveryState: String, Sendable, Hashable, CaseIterable {
    case queued, sending
    case sent, failed
    /// It may have gone out and may not: a crash, or a connection lost at the wrong moment. Never sent again by itself.
    case unknown
    /// There was nobody to tell, or no reason any more.
    case skipped

    /// What others hear of it; nil when no message was tried.
    var outcome: DeliveryOutcome? {
        switch self {
        case .sent: .sent
        case .failed: .failed
        case .unknown: .unknown
        case .queued, .sending, .skipped: nil
        }
    }
}

/// What came of one attempt. Troubles are codes: never an address, never words of the other side.
enum Attempt: Sendable, Hashable {
    case sent
    /// Surely not delivered, may be later. `after`: the other side asked for so much patience.
    case later(String, after: Duration? = nil)
    /// Surely not delivered, and never will be.
    case refused(String)
    /// Nobody knows.
    case unclear(String)
    /// Surely not delivered, and no fault of the message: the way out is shut. `mayConcernMessage`: unless another one passes.
    case held(String, mayConcernMessage: Bool = false)
    /// Nothing to send.
    case skipped(String)

    /// Trouble of a message on which the other side had a word, so that its way is open.
    static let answered = "later"

    var trouble: String? {
        switch self {
        case .sent: nil
        case .later(let code, _), .refused(let code), .unclear(let code), .held(let code, _), .skipped(let code): code
        }
    }

    /// As it is kept with the delivery.
    var code: String {
        switch self {
        case .sent: "sent"
        case .later: "later"
        case .refused: "refused"
        case .unclear: "unclear"
        case .held: "held"
        case .skipped: "skipped"
        }
    }
}

/// What is done after an attempt.
enum Step: Sendable, Hashable {
    case settle(DeliveryState)
    case again(at: Timestamp)
    /// Again when its way is open; the attempt does not count. In its old place among what waits, or behind the others.
    case hold(until: Timestamp?)
}

/// When a message is tried again, per channel.
enum Retrying {
    /// A claim older than this was abandoned by a process that died: no send takes so long.
    static let lease = Duration.seconds(120)

    /// Receivers recognise a repeated webhook by its id; a second SMS or letter only annoys.
    static func isRepeatable(_ channel: DeliveryChannel) -> Bool { channel == .webhook }

    /// Pauses before the second attempt and those after it. Webhooks: the schedule of Standard Webhooks. News by SMS is stale after
    /// some hours; mail servers are back within days.
    static func pauses(_ channel: DeliveryChannel) -> [Duration] {
        switch channel {
        case .webhook, .board:
            [.seconds(5), .seconds(300), .seconds(1_800)] + [2, 5, 10, 14, 20, 24].map { .seconds($0 * 3_600) }
        case .email: [60, 300, 1_800, 7_200, 21_600, 43_200, 86_400].map { .seconds($0) }
        case .sms, .wechat: [10, 60, 600, 3_600].map { .seconds($0) }
        }
    }

    /// - Parameters:
    ///   - tries: attempts of this round, the one just made included.
    ///   - chance: 0 ..< 1; spreads what failed together over up to a tenth of the pause.
    static func step(after attempt: Attempt, by channel: DeliveryChannel, tries: Int, now: Timestamp, chance: Double) -> Step {
        switch attempt {
        case .sent: return .settle(.sent)
        case .refused: return .settle(.failed)
        case .skipped: return .settle(.skipped)
        // Behind the others, so that one of them shows whose fault it is.
        case .held(_, let mayConcernMessage):
            return .hold(until: mayConcernMessage ? now + OutletGates.pauses(channel)[0] : nil)
        case .unclear:
            guard isRepeatable(channel), let pause = pause(channel, tries, chance) else { return .settle(.unknown) }
            return .again(at: now + pause)
        case .later(_, let patience):
            guard let pause = pause(channel, tries, chance) else { return .settle(.failed) }
            return .again(at: now + max(pause, min(patience ?? .zero, .seconds(3_600))))
        }
    }

    private static func pause(_ channel: DeliveryChannel, _ tries: Int, _ chance: Double) -> Duration? {
        let pauses = pauses(channel)
        guard tries >= 1, tries <= pauses.count else { return nil }
        return pauses[tries - 1] * (1 + min(max(chance, 0), 1) / 10)
    }
}

/// The night, in China's time, when nobody's telephone should ring: `22:00-07:30`.
struct QuietHours: Sendable, Hashable {
    private let start: Int64
    private let end: Int64

    /// nil unless it is two different times of day.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Self.minutes($0) }
        guard parts.count == 2, let start = parts[0], let end = parts[1], start != end else { return nil }
        self.start = start
        self.end = end
    }

    /// `time` itself, or the end of the night it falls into.
    func release(_ time: Timestamp) -> Timestamp {
        let minute = time.millisecondOfDay / 60_000
        let isQuiet = start < end ? (start..<end).contains(minute) : minute >= start || minute < end
        guard isQuiet else { return time }
        let wait = (end - minute + 1_440) % 1_440
        return time.adding(milliseconds: wait * 60_000 - time.millisecondOfDay % 60_000)
    }

    private static func minutes(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Int64(parts[0]), let minute = Int64(parts[1]),
            (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }
}
