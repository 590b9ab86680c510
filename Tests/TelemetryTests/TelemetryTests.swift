import Synchronization
import Telemetry
import Testing

private final class Lines: LogSink {
    let kept = Mutex<[String]>([])
    func write(_ line: [UInt8]) { kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
}

@Suite struct TelemetryTests {
    @Test func `a log line is one JSON object and nobody's text can forge a second line`() throws {
        let lines = Lines()
        let log = Log("intake", sink: lines).with(["pid": 7])
        log.debug("not written")
        TraceContext.$current.withValue(TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")) {
            log.warning("bad \"input\"\n{\"level\":\"error\"}", ["text": "哨\u{1B}[31m", "n": 3, "ok": true])
        }
        let kept = lines.kept.withLock { $0 }
        try #require(kept.count == 1)
        #expect(kept[0].filter { $0 == "\n" }.count == 1)
        #expect(kept[0].contains("\"trace\":\"0af7651916cd43dd8448eb211c80319c\",\"pid\":7,\"text\":\"哨\\u001b[31m\",\"n\":3,\"ok\":true}"))
        #expect(kept[0].contains("bad \\\"input\\\"\\u000a"))
    }

    @Test(arguments: [
        "", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    ])
    func `a traceparent that is not exact is refused`(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test func `a child keeps the trace and changes the span`() throws {
        let root = TraceContext.root()
        let child = root.child()
        #expect(child.traceIDText == root.traceIDText && child.span != root.span)
        #expect(TraceContext(traceparent: child.traceparent) == child)
    }

    @Test func `metrics render as Prometheus text, one series per label set`() {
        let metrics = MetricsRegistry()
        metrics.counter("shao_events_total", "Events.", labels: [("topic", "a\"b")]).add(2)
        metrics.counter("shao_events_total", "Events.", labels: [("topic", "a\"b")]).add(1)
        metrics.gauge("shao_lag", "Lag.").set(1.5)
        let histogram = metrics.histogram("shao_wait_seconds", "Waits.", buckets: [0.1, 1])
        histogram.observe(0.05)
        histogram.observe(0.5)
        histogram.observe(Duration.seconds(3))
        let text = String(decoding: metrics.render(), as: UTF8.self)
        #expect(text.contains("# TYPE shao_events_total counter\nshao_events_total{topic=\"a\\\"b\"} 3\n"))
        #expect(text.contains("shao_lag 1.5\n"))
        #expect(
            text.contains(
                "shao_wait_seconds_bucket{le=\"0.1\"} 1\nshao_wait_seconds_bucket{le=\"1.0\"} 2\nshao_wait_seconds_bucket{le=\"+Inf\"} 3\n")
        )
        #expect(text.contains("shao_wait_seconds_count 3\n"))
    }

    @Test func `a process tells its processor time, memory and descriptors under the usual names`() throws {
        let metrics = MetricsRegistry()
        ProcessMetrics.collect(into: metrics)
        let lines = String(decoding: metrics.render(), as: UTF8.self).split(separator: "\n")
        func value(_ name: String) throws -> Double {
            try #require(Double(lines.first { $0.hasPrefix(name + " ") }?.dropFirst(name.utf8.count + 1) ?? ""))
        }
        #expect(lines.contains("# TYPE process_cpu_seconds_total counter"))
        #expect(try value("process_cpu_seconds_total") > 0)
        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        #expect(try (1...value("process_max_fds")).contains(value("process_open_fds")))
        #expect(try value("process_start_time_seconds") > 1_700_000_000)
    }

    @Test func `a crash point is named with its passing, or not at all`() {
        #expect(CrashPoint.order("sequencer.after-window:3")?.point == .sequencerAfterWindow)
        #expect(CrashPoint.order("sequencer.after-window:3")?.passing == 3)
        for text in ["sequencer.after-window", "sequencer.after-window:0", "sequencer.after-window:x", "nowhere:1", ":1", ""] {
            #expect(CrashPoint.order(text) == nil, "\(text)")
        }
    }
}
