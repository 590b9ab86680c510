import TestKit
import Testing

/// Suites that make the same departments' topics anew on the one real broker: one after the other.
@Suite(.serialized, .enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
enum FeedbackOverBroker {}
