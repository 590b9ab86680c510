import Glibc

/// What the workers have counted together, and the line of progress.
struct Totals {
    private let seeds: UInt64
    private let began = Self.clock()
    private var counts: [String: Int] = [:]
    private var done: UInt64 = 0
    /// Virtual seconds from the end of all faults until all was well, in the slowest world.
    private var longest = 0

    init(_ options: Options) { seeds = options.seeds }

    mutating func hear(_ line: String) {
        let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
        if parts.count == 3, parts[0] == "count", let count = Int(parts[1]) { counts[parts[2], default: 0] += count }
        if parts.count == 2, parts[0] == "longest", let seconds = Int(parts[1]) { longest = max(longest, seconds) }
        guard parts.count == 2, parts[0] == "done", let more = UInt64(parts[1]) else { return }
        done += more
        let rate = Double(done) / max(0.001, Self.clock() - began)
        let left = Int(Double(seeds - done) / rate)
        say("\(done) of \(seeds) seeds, \(Int(rate)) a second, \(left) s left")
    }

    func tell() {
        say("all was well at most \(longest) virtual seconds after the last fault")
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            say(String(repeating: " ", count: max(0, 12 - "\(count)".count)) + "\(count)  \(name)")
        }
    }

    /// A fault that never bit proves nothing: with many seeds, each must have.
    func checkBites() -> Bool {
        guard seeds >= 2000 else { return true }
        let idle = counts.filter { $0.value == 0 }.keys.sorted()
        for name in idle { say("NEVER: \(name)") }
        return idle.isEmpty
    }

    static func clock() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}
