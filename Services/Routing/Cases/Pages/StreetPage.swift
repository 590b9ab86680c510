import Pages

/// The street centre's desk, `GET /street` and `GET /street/<case>`: whistles to dispatch, disputes to decide, what runs late.
enum StreetPage {
    static let base = "/street"

    /// Numbers of cases per queue, in the order of the tabs.
    struct Counts: Sendable, Hashable {
        var whistled = 0
        var disputed = 0
        var unclear = 0
        var dueSoon = 0
        var suspended = 0
        var all = 0
    }

    static func queues(_ counts: Counts) -> [Desk.Queue] {
        [
            .init(code: "whistled", name: .queueWhistled, count: counts.whistled),
            .init(code: "disputed", name: .queueDisputed, count: counts.disputed),
            .init(code: "unclear", name: .queueUnclear, count: counts.unclear),
            .init(code: "due", name: .queueDue, count: counts.dueSoon),
            .init(code: "suspended", name: .queueSuspended, count: counts.suspended),
            .init(code: "all", name: .queueAll, count: counts.all),
        ]
    }

    static func html(
        for visit: Visit, streetName: String, staffName: String, counts: Counts, queue: String, entries: [Desk.Entry],
        sheet: CaseSheet? = nil, next: String? = nil, errors: FormErrors = FormErrors()
    ) -> HTML {
        Desk(
            base: base, title: .streetDesk, unitName: streetName, staffName: staffName, queues: queues(counts), current: queue,
            entries: entries, sheet: sheet, next: next, errors: errors
        ).html(for: visit)
    }
}
