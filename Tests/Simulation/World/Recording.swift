import Synchronization
import Telemetry

/// Where the loops' log lines of a traced world go: with virtual time and the process that speaks.
struct TraceSink: LogSink {
    let scheduler: Scheduler
    let process: String

    func write(_ line: [UInt8]) {
        var text = String(decoding: line, as: UTF8.self)
        if let place = text.range(after: "\"level\":") { text = String(text[place...]) }
        Trace.print(scheduler.now, process, text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }
}

/// Nothing is kept: worlds that pass are of no interest.
struct NoSink: LogSink {
    func write(_ line: [UInt8]) {}
}

enum Trace {
    /// Seconds, who, what.
    static func print(_ now: Int, _ who: String, _ what: String) {
        let fraction = String(now % 1_000_000 + 1_000_000).dropFirst()
        Swift.print("\(now / 1_000_000).\(fraction) \(who): \(what)")
    }
}

extension String {
    fileprivate func range(after mark: String) -> String.Index? {
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(mark) { return place }
            place = index(after: place)
        }
        return nil
    }
}
