import Testing

@testable import EventLog

/// When a client is given up because its group has forgotten it.
@Suite struct MembershipTests {
    private let start = ContinuousClock.now

    @Test func `a member without partitions is given up after twenty seconds, then ever more rarely`() {
        var membership = Membership()
        var lost: [Int] = []
        for second in 0..<200 where membership.isLost(hasAssignment: false, at: start + .seconds(second)) { lost.append(second) }
        #expect(lost == [21, 62, 143])
    }

    @Test func `a member with partitions is kept, and what it had before counts anew`() {
        var membership = Membership()
        var lost: [Int] = []
        for second in 0..<200 where membership.isLost(hasAssignment: second < 100, at: start + .seconds(second)) { lost.append(second) }
        #expect(lost == [120, 161])
    }
}
