import Glibc
import Synchronization

/// A moment of the code at which a fault test may kill the process: between two steps that a crash must not tell apart.
///
/// `SHAO_CRASH_AT=name:n` lets the process kill itself at the n-th passing of that moment, as `kill -9` would: nothing is
/// flushed, nothing closed. Without it a passing costs one load.
public enum CrashPoint: String, CaseIterable, Sendable {
    // The way out
    case sequencerAfterLoad = "sequencer.after-load"
    case sequencerAfterWindow = "sequencer.after-window"
    case sequencerAfterAdvance = "sequencer.after-advance"
    case publisherAfterLead = "publisher.after-lead"
    case publisherBeforeProduce = "publisher.before-produce"
    case publisherAfterProduce = "publisher.after-produce"
    case publisherBeforeSave = "publisher.before-save"
    case publisherAfterSave = "publisher.after-save"
    case publisherMidRefill = "publisher.mid-refill"
    // The way in
    case consumerAfterPoll = "consumer.after-poll"
    case consumerBeforeApply = "consumer.before-apply"
    case consumerAfterCursor = "consumer.after-cursor"
    case consumerBeforeCommit = "consumer.before-commit"
    case consumerAfterCommit = "consumer.after-commit"
    case consumerMidPull = "consumer.mid-pull"
    case parkingMidPark = "parking.mid-park"
    case parkingMidReplay = "parking.mid-replay"
    case foreignBeforeCommit = "foreign.before-commit"
    case foreignAfterCommit = "foreign.after-commit"
    case foreignMidRefusal = "foreign.mid-refusal"
    // The services
    case intakeAfterNumbers = "intake.after-numbers"
    case intakeBeforeCommit = "intake.before-commit"
    case intakeAfterCommit = "intake.after-commit-before-answer"
    case routingMidOpening = "routing.mid-opening"
    case routingMidFeedback = "routing.mid-feedback"
    case routingMidCommand = "routing.mid-command"
    case routingAfterCommand = "routing.after-command-before-answer"
    case notificationMidPlan = "notification.mid-plan"
    case notificationAfterClaim = "notification.after-claim"
    case notificationAfterSend = "notification.after-send"
    case notificationAfterOutcome = "notification.after-outcome"
    case votingMidEvaluation = "voting.mid-evaluation"
    case votingAfterCommit = "voting.after-commit-before-answer"
    case analyticsMidFold = "analytics.mid-fold"

    /// The process does not live on past its moment.
    @inline(__always)
    public static func pass(_ point: CrashPoint) {
        if let order { order.pass(point) }
    }

    /// What `SHAO_CRASH_AT` must look like: a known name, a colon, a number from 1. Nil when it does not.
    public static func order(_ text: String) -> (point: CrashPoint, passing: Int)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let point = CrashPoint(rawValue: String(parts[0])), let passing = Int(parts[1]), passing > 0
        else { return nil }
        return (point, passing)
    }

    private static let order: Order? = getenv("SHAO_CRASH_AT").flatMap { CrashPoint.order(String(cString: $0)) }.map(Order.init)

    private final class Order: Sendable {
        private let point: CrashPoint
        private let passing: Int
        private let passed = Atomic<Int>(0)

        init(_ order: (point: CrashPoint, passing: Int)) {
            point = order.point
            passing = order.passing
        }

        func pass(_ point: CrashPoint) {
            guard point == self.point, passed.wrappingAdd(1, ordering: .relaxed).newValue == passing else { return }
            kill(getpid(), SIGKILL)
        }
    }
}
