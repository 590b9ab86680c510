import JSON

/// Durations, every one kept: exact quantiles, no buckets to choose.
struct Latencies {
    private var microseconds: [UInt32] = []

    var count: Int { microseconds.count }

    init(capacity: Int = 0) { microseconds.reserveCapacity(capacity) }

    mutating func add(nanoseconds: UInt64) { microseconds.append(UInt32(clamping: nanoseconds / 1000)) }

    func summary() -> Summary {
        let sorted = microseconds.sorted()
        func quantile(_ q: Double) -> Double {
            guard let last = sorted.last else { return 0 }
            let rank = Int(q * Double(sorted.count))
            return Double(rank < sorted.count ? sorted[rank] : last) / 1000
        }
        let total = sorted.reduce(0.0) { $0 + Double($1) }
        return Summary(
            count: sorted.count, mean: sorted.isEmpty ? 0 : total / Double(sorted.count) / 1000, p50: quantile(0.5),
            p99: quantile(0.99), p999: quantile(0.999), max: Double(sorted.last ?? 0) / 1000)
    }

    /// Milliseconds.
    struct Summary: JSONObjectEncodable {
        let count: Int
        let mean, p50, p99, p999, max: Double

        func write(members o: inout JSONObjectWriter) {
            o.member("count", count)
            o.member("mean_ms", mean)
            o.member("p50_ms", p50)
            o.member("p99_ms", p99)
            o.member("p999_ms", p999)
            o.member("max_ms", max)
        }
    }
}
