import Pages

/// A community's desk, `GET /community` and `GET /community/<case>`: what to accept, to answer, to verify.
enum CommunityPage {
    static let base = "/community"

    /// Numbers of cases per queue, in the order of the tabs.
    struct Counts: Sendable, Hashable {
        var reported = 0
        var filed = 0
        var whistled = 0
        var toVerify = 0
        var suspended = 0
        var all = 0
    }

    static func queues(_ counts: Counts) -> [Desk.Queue] {
        [
            .init(code: "reported", name: .queueReported, count: counts.reported),
            .init(code: "filed", name: .queueFiled, count: counts.filed),
            .init(code: "verify", name: .queueVerify, count: counts.toVerify),
            .init(code: "whistled", name: .queueCalled, count: counts.whistled),
            .init(code: "suspended", name: .queueSuspended, count: counts.suspended),
            .init(code: "all", name: .queueAll, count: counts.all),
        ]
    }

    static func html(
        for visit: Visit, communityName: String, staffName: String, counts: Counts, queue: String, entries: [Desk.Entry],
        sheet: CaseSheet? = nil, next: String? = nil, errors: FormErrors = FormErrors()
    ) -> HTML {
        Desk(
            base: base, title: .communityDesk, unitName: communityName, staffName: staffName, queues: queues(counts), current: queue,
            entries: entries, sheet: sheet, next: next, errors: errors
        ).html(for: visit)
    }
}
