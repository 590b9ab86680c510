/// What an owner's answer, read from a cursor on, says about it; pure. The owner is believed: the answer came from its own door.
enum OwnerPage: Equatable {
    /// What follows, in order.
    case news([StreamRecord])
    /// The cursor's history is the owner's, and nothing follows.
    case nothing
    /// The owner's history is another one.
    case diverged(at: Int64)
    /// The owner keeps nothing before this number any more, and the cursor is further back.
    case trimmed(before: Int64)
    /// The owner has no record from the cursor on: its head must say why.
    case unclear

    /// - Parameter page: the owner's records from the cursor's own number on (from 1 at the beginning).
    init(_ page: [StreamRecord], after cursor: Cursor, hash: StreamHash) {
        guard let first = page.first else {
            self = cursor.seq == 0 ? .nothing : .unclear
            return
        }
        var rest = page[...]
        if first.seq == cursor.seq {
            guard first.hash == cursor.hash else {
                self = .diverged(at: first.seq)
                return
            }
            rest = rest.dropFirst()
        } else if first.seq > cursor.seq + 1 {
            self = .trimmed(before: first.seq)
            return
        }
        var reached = cursor
        for record in rest {
            let judged = reached.classify(record, hash: hash)
            guard judged == .next || judged == .stale else {
                self = .diverged(at: record.seq)
                return
            }
            reached.advance(over: record)
        }
        self = rest.isEmpty ? .nothing : .news(Array(rest))
    }

    /// The same from the owner's head, where it has no record to show.
    init(head: StreamHead?, after cursor: Cursor) {
        let seq = head?.seq ?? 0
        if seq > cursor.seq {
            self = .trimmed(before: seq + 1)
        } else if seq == cursor.seq && (head?.hash ?? StreamHash.empty) == cursor.hash {
            self = .nothing
        } else {
            self = .diverged(at: seq)
        }
    }
}
