import Contracts
import Testing

@testable import Notification

@Suite struct `When a message is tried again` {
    @Test func `webhooks follow the schedule of Standard Webhooks and then fail`() {
        var waits: [Int64] = []
        for tries in 1...9 {
            guard case .again(let moment) = step(.later("later"), .webhook, tries) else { break }
            waits.append(moment.milliseconds(since: Samples.noon) / 1_000)
        }
        #expect(waits == [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400])
        #expect(step(.later("later"), .webhook, 10) == .settle(.failed))
    }

    @Test(arguments: [(DeliveryChannel.sms, 5), (.wechat, 5), (.email, 8)])
    func `other channels give up sooner`(channel: DeliveryChannel, attempts: Int) {
        #expect(step(.later("later"), channel, attempts - 1) != .settle(.failed))
        #expect(step(.later("later"), channel, attempts) == .settle(.failed))
    }

    @Test func `the other side's patience is honoured up to an hour, and chance adds a tenth at most`() {
        #expect(step(.later("later", after: .seconds(120)), .webhook, 1) == .again(at: Samples.noon + .seconds(120)))
        #expect(step(.later("later", after: .seconds(999_999)), .webhook, 1) == .again(at: Samples.noon + .seconds(3_600)))
        #expect(step(.later("later"), .email, 1, chance: 1) == .again(at: Samples.noon + .seconds(66)))
    }

    @Test func `what nobody knows is repeated only where receivers recognise repetitions`() {
        #expect(step(.unclear("abandoned"), .webhook, 1) == .again(at: Samples.noon + .seconds(5)))
        #expect(step(.unclear("abandoned"), .webhook, 10) == .settle(.unknown))
        for channel in [DeliveryChannel.sms, .wechat, .email] {
            #expect(step(.unclear("abandoned"), channel, 1) == .settle(.unknown))
        }
    }

    @Test func `refusals and successes settle at once`() {
        #expect(step(.refused("rejected"), .webhook, 1) == .settle(.failed))
        #expect(step(.sent, .sms, 1) == .settle(.sent))
        #expect(step(.skipped("no-contact"), .sms, 1) == .settle(.skipped))
    }

    @Test(arguments: [
        ("22:00-07:30", "2026-11-23T23:15:30.000+08:00", "2026-11-24T07:30:00.000+08:00"),
        ("22:00-07:30", "2026-11-23T07:29:59.999+08:00", "2026-11-23T07:30:00.000+08:00"),
        ("22:00-07:30", "2026-11-23T07:30:00.000+08:00", "2026-11-23T07:30:00.000+08:00"),
        ("22:00-07:30", "2026-11-23T21:59:59.000+08:00", "2026-11-23T21:59:59.000+08:00"),
        ("12:00-14:00", "2026-11-23T13:00:00.000+08:00", "2026-11-23T14:00:00.000+08:00"),
    ])
    func `the night is waited out`(hours: String, at: String, release: String) throws {
        let hours = try #require(QuietHours(hours))
        let at = try #require(Timestamp(at))
        #expect(hours.release(at).description == release)
    }

    @Test(arguments: ["", "22:00", "22:00-22:00", "24:00-07:00", "22:60-07:00", "2:00-07:00", "22:00-07:00-08:00", "aa:bb-cc:dd"])
    func `other texts are no hours`(text: String) { #expect(QuietHours(text) == nil) }

    private func step(_ attempt: Attempt, _ channel: DeliveryChannel, _ tries: Int, chance: Double = 0) -> Step {
        Retrying.step(after: attempt, by: channel, tries: tries, now: Samples.noon, chance: chance)
    }
}
