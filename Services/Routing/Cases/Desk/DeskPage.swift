import Contracts
import Pages

/// The street's or a community's desk: queues, the list of one queue, one case with what can be done to it.
///
/// Every page works at the desk's `<base>` (list, `?queue=<code>`) and `<base>/<case>` (one case); every action is a form that posts to
/// `<base>/<case>/<action>` with `csrf` and `version` (the case's version that was on the screen: a later one answers 412).
struct Desk: Sendable {
    /// One case in a list. The list is shown in the order given: by time left.
    struct Entry: Sendable, Hashable {
        var id: CaseID
        var number: String
        var categoryName: String
        var placeName: String
        var communityName: String
        var state: String
        var tone: Part.Tone
        var isUrgent: Bool
        var excerpt: String?
        /// The clock that ends next, milliseconds since 1970.
        var start: Int64
        var due: Int64?
    }

    var kind: DeskKind
    /// The unit at whose desk this is, and the one who works there, in the page head.
    var unitName: String
    var staffName: String
    /// The session's proof, for the forms in the page head.
    var csrf: String
    /// Numbers of cases; a queue that is not named has none.
    var counts: [DeskQueue: Int] = [:]
    var current: DeskQueue
    var entries: [Entry]
    /// The opened case.
    var casePage: CasePage?
    /// What was just done to it.
    var done: Text?
    /// The number that was looked for.
    var soughtNumber = ""
    /// The district works at the street's desk.
    var isDistrict = false
    /// The next page of a long list.
    var next: PagePath?
    var errors = FormErrors()

    func html(for visit: Visit) -> HTML {
        let heading = casePage.map { $0.number + " " + $0.categoryName } ?? visit(isDistrict ? .districtDesk : kind.title)
        let list: HTML =
            "<section\(attribute: "class", casePage == nil ? nil : "beside-sheet") aria-labelledby=\"list\"><h2 class=\"sr\" id=\"list\">\(visit(.casesByTimeLeft))</h2>\(entryList(visit))</section>"
        let main: HTML = """
            <div><p class="eyebrow"><bdi>\(unitName)</bdi></p><h1>\(heading)</h1></div>
            \(if: casePage != nil, "<p class=\"back\">\(Part.button(visit(.backToList), to: .desk(kind.page, queue: current.rawValue)))</p>")
            <nav class="\(casePage == nil ? "" : "beside-sheet")" aria-label="\(visit(.queues))"><ul class="tabs">\(kind.queues.map { tab($0, visit) })</ul></nav>
            \(doneNotice(visit))
            \(if: searchesFirst, search(visit))\(if: casePage == nil, list)\(casePage.map { "<div class=\"columns\">\(list)<div>\($0.html(for: visit, kind: kind, queue: current, errors: errors))</div></div>" as HTML })
            \(if: !searchesFirst, search(visit))
            """
        return Page(
            title: heading, audience: .staff, errors: errors, signOut: SignOut(staffName, proof: csrf),
            main: main
        ).html(for: visit)
    }

    /// What was done, and the way to the next case of the same queue.
    private func doneNotice(_ visit: Visit) -> HTML {
        guard let done else { return HTML() }
        let next: HTML =
            entries.first { $0.id != casePage?.id }.map {
                "<p>\(Part.button(visit(.nextInQueue), to: .deskCase(kind.page, $0.id, queue: current.rawValue)))</p>"
            } ?? HTML()
        return "<div role=\"status\">\(Part.notice("<p>\(visit(done))</p>\(next)", .good))</div>"
    }

    /// All cases are too many to look through; and a number that was not found wants another try.
    private var searchesFirst: Bool { casePage == nil && current == .all || !soughtNumber.isEmpty }

    private func search(_ visit: Visit) -> HTML {
        let field = Field("number", visit(.caseNumber), hint: visit(.caseNumberHint), value: soughtNumber, errors: errors)
        return """
            <details\(flag: "open", searchesFirst)><summary>\(visit(.findCase))</summary>
            <form method="get" action="\(PagePath.desk(kind.page))" role="search" class="stack" novalidate>\(field.line(visit))\
            <div>\(Part.submit(visit(.find), isPrimary: false))</div></form></details>
            """
    }

    private func tab(_ queue: DeskQueue, _ visit: Visit) -> HTML {
        """
        <li><a href="\(PagePath.desk(kind.page, queue: queue.rawValue))"\(attribute: "aria-current", queue == current ? "true" : nil)>\(visit(kind.name(of: queue))) \
        <span class="count">\(counts[queue] ?? 0)</span></a></li>
        """
    }

    private func entryList(_ visit: Visit) -> HTML {
        if entries.isEmpty { return "<p class=\"card empty\">\(visit(.queueIsEmpty))</p>" }
        let more: HTML = next.map { "<p>\(Part.button(visit(.more), to: $0))</p>" } ?? HTML()
        return "<ul class=\"queue\">\(entries.map { entry($0, visit) })</ul>\(more)"
    }

    private func entry(_ entry: Entry, _ visit: Visit) -> HTML {
        let isOpen = casePage?.id == entry.id
        let clock = entry.due.map { Part.deadline(visit, start: entry.start, due: $0) } ?? "<p class=\"line\">\(visit(.noClock))</p>"
        return """
            <li><a class="entry" href="\(PagePath.deskCase(kind.page, entry.id, queue: current.rawValue))"\(attribute: "aria-current", isOpen ? "true" : nil)>
            <div><p class="row">\(Part.badge(entry.state, entry.tone))\(if: entry.isUrgent, Part.badge(visit(.urgent), .late))<span class="what">\(entry.categoryName)</span></p>
            <p class="line"><bdi>\(entry.placeName)</bdi> · <bdi>\(entry.communityName)</bdi></p>
            \(if: entry.excerpt != nil, "<p class=\"excerpt\" dir=\"auto\">\(entry.excerpt)</p>")<p class="line code">\(entry.number)</p></div>
            <div>\(clock)</div></a></li>
            """
    }
}

/// Sign-in by the token that the street gave to a member of staff: `POST /sign-in` with `token` and `next`; the answer sets the cookie.
struct StaffSignInPage: Sendable {
    /// Path to go on to; a path of this site only.
    var next: String
    /// A form that came when the session had ended.
    var carried: CarriedForm?
    var errors = FormErrors()

    func html(for visit: Visit) -> HTML {
        let words = carried?.typed.words.map { Part.quoted($0) } ?? HTML()
        let ended = carried == nil ? HTML() : Part.notice("<p>\(visit(.sessionEnded))</p>\(words)")
        let field = Field("token", visit(.staffToken), hint: visit(.staffTokenHint), errors: errors)
        let main: HTML = """
            <section class="card stack narrow"><h1>\(visit(.staffSignIn))</h1>\(ended)
            <form method="post" action="\(PagePath.signIn())" novalidate>\(hidden("next", next))\(carried?.fields ?? HTML())\
            \(field.line(visit, type: "password", fills: "current-password"))\(Part.submit(visit(.signIn)))</form>
            <p class="small soft">\(visit(.lostToken))</p></section>
            """
        return Page(title: visit(.staffSignIn), audience: .staff, errors: errors, main: main).html(for: visit)
    }
}

/// `GET /sign-out`: one button, since only a form of ours ends a session.
struct StaffSignOutPage: Sendable {
    var signOut: SignOut

    func html(for visit: Visit) -> HTML {
        let main: HTML =
            "<section class=\"card stack narrow\"><h1>\(visit(.signOut))</h1>\(signOut.form(visit, class: "button primary"))</section>"
        return Page(title: visit(.signOut), audience: .staff, main: main).html(for: visit)
    }
}
