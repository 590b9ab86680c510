/// The prepared statements of one connection, by content: text and parameter types. Least recently used go first.
struct StatementCache {
    /// How a statement is to be sent.
    enum Plan {
        /// The server has it under this name.
        case prepared(UInt32)
        /// Send PREPARE under this name first.
        case prepare(UInt32)
        /// Another group's PREPARE is under way and may yet be skipped: send the text.
        case unnamed
    }

    private struct Key: Hashable {
        let sql: SQL

        static func == (a: Key, b: Key) -> Bool {
            a.sql.text == b.sql.text && a.sql.binds.elementsEqual(b.sql.binds) { $0.oid == $1.oid }
        }
        func hash(into hasher: inout Hasher) {
            hasher.combine(sql.text)
            for bind in sql.binds { hasher.combine(bind.oid) }
        }
    }

    private struct Entry {
        let name: UInt32
        var used: UInt64
        /// The group whose PREPARE has not been answered yet.
        var pendingIn: UInt64?
    }

    private let capacity: Int
    private var entries: [Key: Entry] = [:]
    private var keys: [UInt32: Key] = [:]
    private var clock: UInt64 = 0
    private var lastName: UInt32 = 0
    /// Names the server still holds and nobody uses: to be deallocated with the next group.
    private var evicted: [UInt32] = []

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { entries.count }

    mutating func plan(for sql: SQL, group: UInt64) -> Plan {
        clock &+= 1
        let key = Key(sql: sql)
        if let entry = entries[key] {
            entries[key]?.used = clock
            if let pending = entry.pendingIn, pending != group { return .unnamed }
            return .prepared(entry.name)
        }
        if entries.count >= capacity, !evictOldest() { return .unnamed }
        lastName &+= 1
        // Kept without its values: they may be large, and are nobody's business here.
        let kept = Key(sql: sql.withoutValues)
        entries[kept] = Entry(name: lastName, used: clock, pendingIn: group)
        keys[lastName] = kept
        return .prepare(lastName)
    }

    mutating func confirm(_ name: UInt32) {
        guard let key = keys[name] else { return }
        entries[key]?.pendingIn = nil
    }

    /// The server does not have it after all.
    mutating func forget(_ name: UInt32) {
        guard let key = keys.removeValue(forKey: name) else { return }
        entries[key] = nil
    }

    /// Its columns changed, or the server lost it: prepare it anew next time.
    mutating func drop(_ sql: SQL, knownToServer: Bool) {
        guard let entry = entries[Key(sql: sql)], entry.pendingIn == nil else { return }
        forget(entry.name)
        if knownToServer { evicted.append(entry.name) }
    }

    mutating func takeEvicted() -> [UInt32] {
        if evicted.isEmpty { return [] }
        defer { evicted = [] }
        return evicted
    }

    /// Linear: it happens once per new statement of a full cache, and a service has fewer statements than places.
    private mutating func evictOldest() -> Bool {
        let settled = entries.values.filter { $0.pendingIn == nil }
        guard let oldest = settled.min(by: { $0.used < $1.used }) else { return false }
        forget(oldest.name)
        evicted.append(oldest.name)
        return true
    }
}

extension SQL {
    /// Text and types without a single value.
    var withoutValues: SQL {
        var copy = self
        copy.dropValues()
        return copy
    }
}
