public import JSON

/// How far a rebuild is, and how it ended; what `GET /internal/rebuild` answers.
public struct RebuildProgress: Sendable, Equatable {
    /// What is being done. Open: later versions may add some.
    public struct Phase: RawRepresentable, Sendable, Hashable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        /// Making empty tables.
        public static let preparing = Phase(rawValue: "preparing")
        /// Folding the owners' streams.
        public static let applying = Phase(rawValue: "applying")
        /// Indexes, foreign keys, statistics.
        public static let finishing = Phase(rawValue: "finishing")
        /// Counting and hashing both, at the same place of the history.
        public static let comparing = Phase(rawValue: "comparing")
        /// Putting the new tables in the place of the old.
        public static let swapping = Phase(rawValue: "swapping")
        /// It came out; `differs` says what was found.
        public static let done = Phase(rawValue: "done")
        public static let failed = Phase(rawValue: "failed")
        public static let cancelled = Phase(rawValue: "cancelled")

        public var isEnd: Bool { [.done, .failed, .cancelled].contains(self) }
    }

    public var projection: String
    /// Compares only: the live tables stay.
    public var isCheck: Bool
    public var phase: Phase = .preparing
    /// Events folded so far, and those there are up to where the live tables stand.
    public var applied: Int64 = 0
    public var total: Int64 = 0
    /// Events per second while applying.
    public var rate: Double = 0
    /// Since the start, milliseconds; stands still at the end.
    public var milliseconds: Int64 = 0
    /// What the comparison found, once it was made.
    public var tables: [TableComparison] = []
    /// How long the live consumer was held, milliseconds: the longest of the short stops.
    public var heldMilliseconds: Int64 = 0
    /// Whether the new tables are the live ones now.
    public var isSwapped = false
    /// Why it failed.
    public var trouble: String?

    public init(projection: String, isCheck: Bool) {
        self.projection = projection
        self.isCheck = isCheck
    }

    /// Whether the comparison found a difference.
    public var differs: Bool { tables.contains { !$0.isEqual } }
}

/// A live table beside its rebuilt one, both at the same place of the history.
public struct TableComparison: Sendable, Equatable {
    public var table: String
    public var liveRows: Int64
    public var rebuiltRows: Int64
    /// Whether the hashes over all rows, in the order of the rows' own hashes, are the same.
    public var isEqual: Bool
    /// Rows that only one of the two has; a changed row counts in both. 0 unless they differ.
    public var onlyLive: Int64 = 0
    public var onlyRebuilt: Int64 = 0

    public init(table: String, liveRows: Int64, rebuiltRows: Int64, isEqual: Bool, onlyLive: Int64 = 0, onlyRebuilt: Int64 = 0) {
        self.table = table
        self.liveRows = liveRows
        self.rebuiltRows = rebuiltRows
        self.isEqual = isEqual
        self.onlyLive = onlyLive
        self.onlyRebuilt = onlyRebuilt
    }
}

extension RebuildProgress: JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("projection", projection)
        o.member("check", isCheck)
        o.member("phase", phase.rawValue)
        o.member("applied", applied)
        o.member("total", total)
        o.member("rate", rate)
        o.member("milliseconds", milliseconds)
        o.member("heldMilliseconds", heldMilliseconds)
        o.member("differs", differs)
        o.member("swapped", isSwapped)
        o.member("tables", tables)
        o.member("trouble", trouble)
    }
}

extension TableComparison: JSONObjectEncodable {
    public func write(members o: inout JSONObjectWriter) {
        o.member("table", table)
        o.member("liveRows", liveRows)
        o.member("rebuiltRows", rebuiltRows)
        o.member("equal", isEqual)
        o.member("onlyLive", onlyLive)
        o.member("onlyRebuilt", onlyRebuilt)
    }
}
