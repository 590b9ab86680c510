/// One `send`: its results by slot, and who waits for them.
final class ProducerBatch {
    private var results: [Result<KafkaReceipt, KafkaError>?]
    private(set) var open: Int
    var waiter: CheckedContinuation<Void, Never>?
    var cancelled = false

    init(count: Int) {
        results = Array(repeating: nil, count: count)
        open = count
    }

    var isComplete: Bool { open == 0 }

    /// A second report for a slot is ignored.
    func settle(_ slot: Int, _ result: Result<KafkaReceipt, KafkaError>) {
        guard results.indices.contains(slot), results[slot] == nil else { return }
        results[slot] = result
        open -= 1
        if open == 0 { wake() }
    }

    /// What the library never took, or never reported on, when the producer closed.
    func giveUpUnqueued(from first: Int) {
        for slot in results.indices.dropFirst(first) { settle(slot, .failure(.closed("send"))) }
    }

    func wake() {
        waiter?.resume()
        waiter = nil
    }

    /// In the records' order; complete batches only.
    var settled: [Result<KafkaReceipt, KafkaError>] { results.compactMap { $0 } }
}

/// Where a delivery report belongs, in the 64 bits the library carries along with each record.
struct ReportSlot {
    let batch: UInt32
    let slot: UInt32

    init(batch: UInt32, slot: UInt32) {
        self.batch = batch
        self.slot = slot
    }

    init(opaque: UnsafeMutableRawPointer?) {
        let bits = UInt64(UInt(bitPattern: opaque))
        batch = UInt32(truncatingIfNeeded: bits >> 32)
        slot = UInt32(truncatingIfNeeded: bits)
    }

    var opaque: UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: UInt(UInt64(batch) << 32 | UInt64(slot)))
    }
}
