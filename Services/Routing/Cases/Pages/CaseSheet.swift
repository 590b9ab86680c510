import Pages

/// One case as those who work on it see it: what, where, until when, what happened, and what can be done now.
struct CaseSheet: Sendable {
    struct Clock: Sendable, Hashable {
        var name: Text
        var start: Int64
        var due: Int64
    }
    struct Unit: Sendable, Hashable {
        var name: String
        var role: Text
        var state: String
    }
    /// The catalogue's proposal, accepted with one press.
    struct Suggestion: Sendable, Hashable {
        var department: String
        var departmentName: String
        /// Name of the rule and why it matched.
        var reason: String
    }

    var id: String
    var version: Int
    var csrf: String
    var number: String
    var categoryName: String
    var placeName: String
    var communityName: String
    var gridName: String?
    var plateCode: String?
    var channelName: String
    var state: String
    var tone: Part.Tone
    var isUrgent: Bool
    var submittedAt: Int64
    var text: String?
    var photos: [String]
    /// Why this category, place and owner.
    var reason: String
    var clocks: [Clock]
    var units: [Unit]
    var steps: [Timeline.Step]
    var suggestion: Suggestion?
    /// What may be done by the reader in this state; decided by the caller.
    var actions: [CaseAction]

    func html(for visit: Visit, base: String, errors: FormErrors) -> HTML {
        """
        <div class="stack"><section class="card stack" aria-labelledby="what">
        <h2 id="what" class="sr">\(visit(.caseWhat))</h2>
        <p class="row">\(Part.badge(state, tone))\(if: isUrgent, Part.badge(visit(.urgent), .late))<span class="code">\(number)</span></p>
        \(text.map { Part.quoted($0) })\(Part.photos(photos, visit, what: visit(.residentPhoto)))\(facts(visit))</section>
        \(clockCard(visit))
        <section class="stack" aria-labelledby="todo"><h2 id="todo">\(visit(.whatToDoNow))</h2>
        \(suggestionCard(visit, base))\(actionList(visit, base, errors))</section>
        \(unitCard(visit))
        <section class="card" aria-labelledby="course"><h2 id="course">\(visit(.caseCourse))</h2>\(Timeline(steps).html(for: visit))</section></div>
        """
    }

    private func facts(_ visit: Visit) -> HTML {
        var pairs: [(String, HTML)] = [
            (visit(.casePlace), "<bdi>\(placeName)</bdi>"),
            (visit(.caseCommunity), "<bdi>\(communityName)</bdi>\(if: gridName != nil, " · <bdi>\(gridName)</bdi>")"),
        ]
        if let plateCode { pairs.append((visit(.casePlate), "<span class=\"code\">\(plateCode)</span>")) }
        pairs.append((visit(.caseReported), "\(visit.time(submittedAt)) · \(channelName)"))
        pairs.append((visit(.caseWhy), "\(reason)"))
        return Part.facts(pairs)
    }

    private func clockCard(_ visit: Visit) -> HTML {
        if clocks.isEmpty { return HTML() }
        let lines = clocks.map { "<div><h3>\(visit($0.name))</h3>\(Part.deadline(visit, start: $0.start, due: $0.due))</div>" as HTML }
        return "<section class=\"card stack\" aria-labelledby=\"clocks\"><h2 id=\"clocks\">\(visit(.caseClocks))</h2>\(lines)</section>"
    }

    private func unitCard(_ visit: Visit) -> HTML {
        if units.isEmpty { return HTML() }
        let rows = units.map {
            "<li><bdi>\($0.name)</bdi> \(Part.badge(visit($0.role), .calm)) \(Part.badge($0.state, .active))</li>" as HTML
        }
        return
            "<section class=\"card\" aria-labelledby=\"units\"><h2 id=\"units\">\(visit(.unitsInvolved))</h2><ul class=\"units\">\(rows)</ul></section>"
    }

    private func suggestionCard(_ visit: Visit, _ base: String) -> HTML {
        guard let suggestion else { return HTML() }
        return """
            <div class="suggest stack"><p>\(visit(.suggested)) <strong><bdi>\(suggestion.departmentName)</bdi></strong></p>
            <p class="small">\(suggestion.reason)</p>
            <form method="post" action="\(base)/\(id)/dispatch">\(identity)\(hidden("lead", suggestion.department))\
            \(hidden("basis", suggestion.reason))\(Part.submit(visit(.dispatchThere)))</form></div>
            """
    }

    private func actionList(_ visit: Visit, _ base: String, _ errors: FormErrors) -> HTML {
        if actions.isEmpty { return "<p class=\"card empty\">\(visit(.nothingToDo))</p>" }
        let folds = actions.map { action in
            """
            <details\(flag: "open", action.isFirst || errors.items.contains { $0.field.hasPrefix(action.code + "-") })><summary>\(visit(action.name))</summary>
            <form method="post" action="\(base)/\(id)/\(action.code)" enctype="\(action.encoding)" novalidate>\(identity)\
            \(action.fields(visit, errors))<div>\(Part.submit(visit(action.button), isPrimary: action.isFirst))</div></form></details>
            """ as HTML
        }
        return "<div class=\"actions\">\(folds)</div>"
    }

    private var identity: HTML { hidden("csrf", csrf) + hidden("version", String(version)) }
}
