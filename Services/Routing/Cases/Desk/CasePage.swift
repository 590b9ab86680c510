import Actions
import Contracts
import Pages

/// One case as those who work on it see it: what, where, until when, what happened, and what can be done now.
struct CasePage: Sendable {
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
        /// Codes and names of those who help.
        var coHandlers: [FieldForm.Choice] = []
        /// Name of the rule and why it matched.
        var reason: String
    }

    var id: CaseID
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
    /// Numbers of the tickets that were merged into this one.
    var joined: [String] = []
    /// The case that this one was merged into.
    var mergedInto: (id: CaseID, number: String)?
    /// What may be done by the reader in this state; decided by the caller.
    /// No unit has anything left to do.
    var isOver = false
    var actions: [ActionForm]
    /// Of a form that was refused.
    var typed: ActionForm.Typed?

    /// What can be done stands first, under a line of what it is about: long texts and clocks must not push it off the screen.
    func html(for visit: Visit, kind: DeskKind, queue: DeskQueue, errors: FormErrors) -> HTML {
        """
        <div class="stack"><p class="row">\(Part.badge(state, tone))\(if: isUrgent, Part.badge(visit(.urgent), .late))\
        <bdi>\(placeName)</bdi></p>
        \(text.map { "<p class=\"soft\" dir=\"auto\">\(Self.excerpt($0))</p>" as HTML })
        <section class="stack" aria-labelledby="todo"><h2 id="todo">\(visit(.whatToDoNow))</h2>
        \(suggestionCard(visit, kind.page, queue))\(actionList(visit, kind.page, queue, errors))</section>
        <section class="card stack" aria-labelledby="what"><h2 id="what">\(visit(.caseWhat))</h2>
        \(text.map { Part.quoted($0) })\(Part.photos(photos, visit, what: visit(.residentPhoto)))\(facts(visit, kind.page))</section>
        \(clockCard(visit))
        \(unitCard(visit))
        <section class="card" aria-labelledby="course"><h2 id="course">\(visit(.caseCourse))</h2>\(Timeline(steps).html(for: visit))</section></div>
        """
    }

    /// As much as fits two lines of a telephone.
    private static func excerpt(_ text: String) -> String { text.count <= 40 ? text : text.prefix(39) + "…" }

    private func facts(_ visit: Visit, _ desk: PagePath.Desk) -> HTML {
        var pairs: [(String, HTML)] = [
            (visit(.casePlace), "<bdi>\(placeName)</bdi>"),
            (visit(.caseCommunity), "<bdi>\(communityName)</bdi>\(if: gridName != nil, " · <bdi>\(gridName)</bdi>")"),
        ]
        if let plateCode { pairs.append((visit(.casePlate), "<span class=\"code\">\(plateCode)</span>")) }
        if !joined.isEmpty {
            let words = visit(Text("\(joined.count) 件：", "\(joined.count): ")) + joined.joined(separator: visit(Text("、", ", ")))
            pairs.append((visit(.caseJoined), "\(words)"))
        }
        if let mergedInto {
            pairs.append((visit(.caseMergedInto), "<a href=\"\(PagePath.deskCase(desk, mergedInto.id))\">\(mergedInto.number)</a>"))
        }
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

    private func suggestionCard(_ visit: Visit, _ desk: PagePath.Desk, _ queue: DeskQueue) -> HTML {
        guard let suggestion else { return HTML() }
        let others = suggestion.coHandlers
        let names = others.map { visit($0.name) }.joined(separator: visit(Text("、", ", ")))
        return """
            <div class="suggest stack"><p>\(visit(.suggested)) <strong><bdi>\(suggestion.departmentName)</bdi></strong>\(if: !others.isEmpty, "<br>\(visit(.suggestedHelp))<bdi>\(names)</bdi>")</p>
            <p class="small">\(suggestion.reason)</p>
            <form method="post" action="\(PagePath.deskAction(desk, id, action: DispatchUnits.name))">\(identity(queue))\(hidden("lead", suggestion.department))\(others.map { hidden("coHandlers", $0.code) })\
            \(hidden("basis", suggestion.reason))\(Part.submit(visit(.dispatchThere)))</form></div>
            """
    }

    private func actionList(_ visit: Visit, _ desk: PagePath.Desk, _ queue: DeskQueue, _ errors: FormErrors) -> HTML {
        if actions.isEmpty { return unsent(visit) + "<p class=\"card empty\">\(visit(isOver ? .caseIsOver : .nothingToDo))</p>" }
        let folds = actions.map { action in
            """
            <details\(flag: "open", action.isUsual || typed?.code == action.code)><summary>\(visit(action.name))</summary>
            <form method="post" action="\(PagePath.deskAction(desk, id, action: action.code))" novalidate>\(identity(queue))\
            \(action.controls(visit, errors, typed: typed))<div>\(Part.submit(visit(action.button), isPrimary: action.isUsual))</div></form></details>
            """ as HTML
        }
        return unsent(visit) + "<div class=\"actions\">\(folds)</div>"
    }

    /// What was written for something that cannot be done any more.
    private func unsent(_ visit: Visit) -> HTML {
        guard let typed, !actions.contains(where: { $0.code == typed.code }), let words = typed.words else { return HTML() }
        return Part.notice("<p>\(visit(.notSent))</p>\(Part.quoted(words))")
    }

    /// The queue comes along, so that whoever works through it stays in it.
    private func identity(_ queue: DeskQueue) -> HTML {
        hidden("csrf", csrf) + hidden("version", String(version)) + hidden("queue", queue.rawValue)
    }
}
