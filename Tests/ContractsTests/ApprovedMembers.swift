/// Every member an event may carry. A new one is a decision about privacy: events travel to people who need no names.
enum ApprovedMembers {
    static let events: [String: [String]] = [
        "ticket.submitted": [
            "ticket", "number", "channel", "plate", "point", "category", "text", "photos", "hasContact",
            "submittedAt"],
        "ticket.withdrawn": ["ticket", "reason"],
        "case.opened": ["snapshot", "reason", "text", "photos", "placeName"],
        "case.filed": ["snapshot", "by"],
        "case.declined": ["snapshot", "by", "reason"],
        "case.merged": ["snapshot", "into"],
        "case.withdrawn": ["snapshot"],
        "case.answered": ["snapshot", "by", "text", "photos", "ending"],
        "case.whistled": ["snapshot", "whistle", "kind", "by", "reason"],
        "case.refused": ["snapshot", "by", "reason"],
        "case.dispatched": ["snapshot", "dispatches", "by", "basis"],
        "case.signed": ["snapshot", "department"],
        "case.arrived": ["snapshot", "department"],
        "case.disputed": ["snapshot", "department", "ground", "text"],
        "case.adjudicated": ["snapshot", "verdict", "to", "by"],
        "case.progressed": ["snapshot", "department", "text"],
        "case.completed": ["snapshot", "department", "text", "photos"],
        "case.verified": ["snapshot", "by", "accepted", "text"],
        "case.suspended": ["snapshot", "by", "until", "reason"],
        "case.resumed": ["snapshot", "by"],
        "case.closed": ["snapshot", "ending"],
        "case.reopened": ["snapshot", "reason"],
        "case.evaluated": ["snapshot", "contacted", "solved", "satisfied"],
        "case.warned": ["snapshot", "clock", "percent"],
        "case.overdue": ["snapshot", "clock", "dueAt"],
        "area.registered": ["area", "level", "name", "parent"],
        "department.registered": ["department", "name"],
        "category.registered": ["category", "name"],
        "plate.registered": ["plate", "kind", "name", "lat", "lng", "grid", "community", "street", "chips"],
        "dispatch.called": [
            "dispatch", "ticket", "number", "department", "role", "lead", "coHandlers", "category", "categoryName",
            "urgency", "text", "place", "photos", "whistle", "due", "basis"],
        "dispatch.recalled": ["dispatch", "ticket", "reason"],
        "dispatch.closed": ["dispatch", "ticket", "ending"],
        "feedback.signed": ["dispatch", "ticket", "by"],
        "feedback.arrived": ["dispatch", "ticket", "by"],
        "feedback.disputed": ["dispatch", "ticket", "ground", "text"],
        "feedback.progress": ["dispatch", "ticket", "text"],
        "feedback.completed": ["dispatch", "ticket", "text", "photos"],
        "delivery.settled": ["delivery", "ticket", "event", "channel", "outcome", "attempts"],
        "evaluation.given": [
            "evaluation", "ticket", "number", "party", "contacted", "solved", "satisfied", "reasons", "text",
            "community", "department"],
    ]

    static let nested: [String: [String]] = [
        "GeoPoint": ["lat", "lng"],
        "CaseOwner": ["kind", "code"],
        "ClockDue": ["kind", "dueAt"],
        "CaseSnapshot": [
            "ticket", "number", "version", "state", "owner", "community", "grid", "plate", "category",
            "categoryName", "urgency", "channel", "lead", "coHandlers", "whistle", "selfHandled", "ending",
            "submittedAt", "openedAt", "firstAnsweredAt", "closedAt", "reopenCount", "clocks"],
        "CalledUnit": ["dispatch", "department", "role"],
        "DispatchPlace": ["name", "lat", "lng", "community", "grid", "plate"],
        "DispatchDue": ["sign", "arrive", "contact", "handle"],
        "PlateChip": ["category", "label"],
    ]
}
