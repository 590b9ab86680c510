import HTTP
import Telemetry
import Testing

/// Shares per client: a burst, a rate, a cost, and memory that no crowd can fill.
@Suite struct RateLimitTests {
    let start = ContinuousClock.now

    private func limit(_ text: String) throws -> RateLimit { try #require(RateLimit(text)) }

    @Test func `a client takes its burst at once and then as fast as the rate`() throws {
        var buckets = TokenBuckets<String>(try limit("3+60/min"))
        for _ in 0..<3 { #expect(buckets.take(for: "a", at: start) == .granted) }
        #expect(buckets.take(for: "a", at: start) == .refused(wait: .seconds(1)))
        #expect(buckets.take(for: "a", at: start + .milliseconds(400)) == .refused(wait: .milliseconds(600)))
        #expect(buckets.take(for: "a", at: start + .seconds(1)) == .granted)
        #expect(buckets.take(for: "a", at: start + .seconds(1)) == .refused(wait: .seconds(1)))
        // Whoever stays away has the whole burst again, and not more.
        for _ in 0..<3 { #expect(buckets.take(for: "a", at: start + .seconds(900)) == .granted) }
        #expect(buckets.take(for: "a", at: start + .seconds(900)) == .refused(wait: .seconds(1)))
    }

    @Test func `one client's appetite is no other's`() throws {
        var buckets = TokenBuckets<String>(try limit("1+1/h"))
        #expect(buckets.take(for: "a", at: start) == .granted)
        #expect(buckets.take(for: "a", at: start) == .refused(wait: .seconds(3600)))
        #expect(buckets.take(for: "b", at: start) == .granted)
    }

    @Test func `a cost is taken whole or not at all, and one above the burst as the burst`() throws {
        var buckets = TokenBuckets<Int>(try limit("100+10/s"))
        #expect(buckets.take(60, for: 1, at: start) == .granted)
        #expect(buckets.take(60, for: 1, at: start) == .refused(wait: .seconds(2)))
        #expect(buckets.take(40, for: 1, at: start) == .granted)
        #expect(buckets.take(5_000, for: 2, at: start) == .granted)
        #expect(buckets.take(1, for: 2, at: start) == .refused(wait: .milliseconds(100)))
        #expect(buckets.take(0, for: 2, at: start) == .granted)
    }

    @Test func `what is known only afterwards is charged, what was not used goes back`() throws {
        var buckets = TokenBuckets<Int>(try limit("10+1/s"))
        buckets.charge(25, to: 1, at: start)
        #expect(buckets.wait(toTake: 1, for: 1, at: start) == .seconds(1))
        buckets.giveBack(4, to: 1, at: start)
        #expect(buckets.take(4, for: 1, at: start) == .granted)
        #expect(buckets.wait(toTake: 1, for: 1, at: start) == .seconds(1))
        buckets.giveBack(400, to: 1, at: start)
        #expect(buckets.count == 0)
        #expect(buckets.take(10, for: 1, at: start) == .granted)
    }

    @Test func `a crowd cannot fill memory, nor wash away whoever took most`() throws {
        var buckets = TokenBuckets<Int>(try limit("10+1/s"), capacity: 100)
        #expect(buckets.take(10, for: -1, at: start) == .granted)
        for client in 0..<10_000 {
            #expect(buckets.take(for: client, at: start) == .granted)
            #expect(buckets.count <= 100)
        }
        #expect(buckets.take(for: -1, at: start) == .refused(wait: .seconds(1)))
        // Full buckets are not kept at all.
        #expect(buckets.take(for: 1, at: start + .seconds(60)) == .granted)
        for client in 0..<100 { #expect(buckets.take(for: client, at: start + .seconds(60)) == .granted) }
        #expect(buckets.count <= 100)
    }

    @Test(arguments: [
        ("300+60/min", 300.0, 1.0), ("1+1/d", 1, 86_400), ("20+12/h", 20, 300), ("5+5/s", 5, 0.2),
    ])
    func `a limit is read from its text`(_ text: String, _ burst: Double, _ secondsEach: Double) throws {
        let limit = try limit(text)
        #expect(limit.burst == burst && limit.secondsEach == secondsEach && limit.description == text)
    }

    @Test(arguments: [
        "", "300", "300+60", "+1/s", "300+/s", "0+1/s", "1+0/s", "-1+1/s", "1+1/m", "1+1/S", " 1+1/s", "1+1/s ", "1.5+1/s", "1e3+1/s", "inf+1/s",
        "1++1/s", "1+1//s", "1+1/s/s", "٣+1/s", "1234567890123+1/s",
    ])
    func `what is no limit is refused`(_ text: String) { #expect(RateLimit(text) == nil) }

    @Test func `over the limit is 429 with the seconds to wait, and counted`() throws {
        let metrics = MetricsRegistry()
        let start = start
        let limiter = RateLimiter<String>("reports", try limit("1+1/min"), metrics: metrics, now: { start })
        try limiter.take(for: "a")
        try limiter.check(for: "b")
        let problem = #expect(throws: Problem.self) { try limiter.take(for: "a") }
        #expect(problem?.status == 429 && problem?.code == "too-many-requests")
        #expect(problem?.headers.map { "\($0.name): \($0.value)" } == ["Retry-After: 60"])
        #expect(throws: Problem.self) { try limiter.check(for: "a") }
        #expect(String(decoding: metrics.render(), as: UTF8.self).contains(#"shao_rate_limited_total{limit="reports"} 2"#))
        limiter.giveBack(to: "a")
        try limiter.take(for: "a")
        let none = RateLimiter<String>("none", nil)
        for _ in 0..<1_000 { try none.take(1_000, for: "a") }
    }

    @Test func `an IPv4 address is a client, and of IPv6 the customer's 64 bits`() {
        let same = [
            ("192.0.2.7", "192.0.2.7"), ("192.0.2.7", "::ffff:192.0.2.7"), ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
            ("unknown", "nobody"),
        ]
        for (a, b) in same { #expect(ClientBlock(a) == ClientBlock(b), "\(a) and \(b)") }
        let apart = [
            ("192.0.2.7", "192.0.2.8"), ("2001:db8:1:2::1", "2001:db8:1:3::1"), ("::1", "0.0.0.0"), ("::1", "255.255.255.255"),
            ("unknown", "::1"), ("::", "unknown"),
        ]
        for (a, b) in apart { #expect(ClientBlock(a) != ClientBlock(b), "\(a) and \(b)") }
    }
}
