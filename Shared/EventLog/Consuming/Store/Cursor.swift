/// How far a consumer has applied a partition.
public struct Cursor: Sendable, Equatable {
    /// The last number applied; 0 for none.
    public var seq: Int64
    /// The chain's 16 bytes at that number.
    public var hash: [UInt8]
    /// The owner's generation in which the last of it was sequenced.
    public var generation: Int32

    public init(seq: Int64, hash: [UInt8], generation: Int32 = 1) {
        self.seq = seq
        self.hash = hash
        self.generation = generation
    }

    public static let start = Cursor(seq: 0, hash: StreamHash.empty)

    mutating func advance(over record: StreamRecord) {
        seq = record.seq
        hash = record.hash
        generation = max(generation, record.generation)
    }
}

/// What a record is to a cursor.
enum Classification: Equatable {
    /// Exactly the next one, and its hash continues the history.
    case next
    /// Applied already.
    case duplicate
    /// The next one with the right history, but from a generation that the owner has left behind: by whom?
    case stale
    /// Something before it is missing: from `seq` on, so many.
    case gap(from: Int64, count: Int64)
    /// The same or the next number with another history: forged, or the owner's history is not ours. Only the owner's
    /// stream can tell.
    case suspect
}

extension Cursor {
    /// Pure: decides by number, proves by hash.
    func classify(_ record: StreamRecord, hash: StreamHash) -> Classification {
        if record.seq < seq { return .duplicate }
        if record.seq == seq { return record.hash == self.hash ? .duplicate : .suspect }
        let (next, isLast) = seq.addingReportingOverflow(1)
        if isLast { return .suspect }
        if record.seq > next { return .gap(from: next, count: record.seq - next) }
        guard hash.next(after: self.hash, seq: record.seq, record.event) == record.hash else { return .suspect }
        return record.generation < generation ? .stale : .next
    }
}
