import Contracts
import Pages

/// 一事一评: the evaluation by the one who reported, `GET /e/<token>`, and with its errors as the answer to `POST /e/<token>`.
///
/// Fields: `contacted` (yes|no), `solved` (yes|partly|no), `satisfied` (very|yes|fair|no), `reason` (codes, any number), `text`.
struct EvaluationPage: Sendable {
    struct Values: Sendable, Hashable {
        var contacted = ""
        var solved = ""
        var satisfied = ""
        var reasons: Set<String> = []
        var text = ""
    }

    /// This page.
    var path: PagePath
    var number: String
    var placeName: String
    var categoryName: String?
    /// What the unit says it did, and its photos.
    var answer: String?
    var answerPhotos: [String] = []
    var unit: String?
    /// Until when it can be given, milliseconds since 1970.
    var openUntil: Int64
    var values = Values()
    var errors = FormErrors()

    func html(for visit: Visit) -> HTML {
        let main: HTML = """
            <div><p class="eyebrow">\(visit(.evaluationOf)) <span class="code">\(number)</span></p><h1>\(visit(.howDidItGo))</h1>
            <p class="soft"><bdi>\(placeName)</bdi>\(if: categoryName != nil, " · \(categoryName)")</p></div>
            \(answerCard(visit))
            <form class="steps-form" method="post" action="\(path)" novalidate>
            <div class="card">\(contacted(visit))</div><div class="card">\(solved(visit))</div><div class="card">\(satisfied(visit))</div>
            <div class="card stack">\(reasons(visit))\(words(visit))</div>
            <div class="stack"><button class="button primary fill" type="submit">\(visit(.giveEvaluation))</button>
            <p class="small soft">\(visit(.openUntil)) \(visit.time(openUntil))\(visit(.unitSeesIt))</p></div></form>
            """
        return Page(title: visit(.howDidItGo), errors: errors, main: main).html(for: visit)
    }

    private func answerCard(_ visit: Visit) -> HTML {
        guard let answer else { return HTML() }
        return """
            <section class="card stack" aria-labelledby="answer"><h2 id="answer">\(visit(.whatTheySaid))</h2>
            \(if: unit != nil, "<p class=\"soft\"><bdi>\(unit)</bdi></p>")\(Part.quoted(answer))\(Part.photos(answerPhotos, visit, what: visit(.photoAfter)))</section>
            """
    }

    private func contacted(_ visit: Visit) -> HTML {
        Field("contacted", visit(.wereYouContacted), value: values.contacted, errors: errors)
            .chips(visit, [.init("yes", visit(.contactedYes)), .init("no", visit(.contactedNo))], style: "scale")
    }

    private func solved(_ visit: Visit) -> HTML {
        Field("solved", visit(.isItSolved), hint: visit(.reopensHint), value: values.solved, errors: errors)
            .chips(
                visit, [.init("yes", visit(.solvedYes)), .init("partly", visit(.solvedPartly)), .init("no", visit(.solvedNo))],
                style: "scale")
    }

    private func satisfied(_ visit: Visit) -> HTML {
        Field("satisfied", visit(.areYouSatisfied), value: values.satisfied, errors: errors)
            .chips(
                visit,
                [
                    .init("very", visit(.satisfiedVery)), .init("yes", visit(.satisfiedYes)), .init("fair", visit(.satisfiedFair)),
                    .init("no", visit(.satisfiedNo)),
                ], style: "scale")
    }

    private func reasons(_ visit: Visit) -> HTML {
        Field("reason", visit(.why), hint: visit(.whyHint), errors: errors)
            .checks(visit, EvaluationPage.reasonChoices.map { .init($0.code, visit($0.words)) }, values: values.reasons)
    }

    private func words(_ visit: Visit) -> HTML {
        Field("text", visit(.anythingElse), value: values.text, errors: errors).lines(visit, rows: 3, limit: 1000)
    }

    /// Codes of reasons, as they travel in `evaluation.given`.
    static let reasonChoices: [(code: String, words: Text)] = [
        ("quick", Text("处理及时", "Quick")), ("attitude_good", Text("态度好", "Friendly")), ("slow", Text("太慢", "Too slow")),
        ("back_again", Text("又出现了", "It came back")), ("words_only", Text("只答复没处理", "Words only")),
        ("attitude_bad", Text("态度不好", "Unfriendly")),
    ]
}

/// What the evaluation's address shows when there is no form to fill in.
struct EvaluationNotice: Sendable {
    enum Kind: Sendable, Hashable {
        /// Just given; reopened says whether 「没解决」 took the case up again.
        case thanks(reopened: Bool)
        case alreadyGiven(at: Int64)
        case expired(at: Int64)
        /// The case is not closed yet.
        case tooEarly
    }

    var kind: Kind
    var number: String
    /// The status page, where the reader may go next.
    var statusLink: PagePath?

    func html(for visit: Visit) -> HTML {
        let isThanks = if case .thanks = kind { true } else { false }
        let main: HTML = """
            <section class="card done-head" aria-labelledby="head">
            \(if: isThanks, "<span class=\"tick\" aria-hidden=\"true\">\(Icon.check)</span>")
            <h1 id="head">\(visit(title))</h1><p class="eyebrow">\(visit(.evaluationOf)) <span class="code">\(number)</span></p></section>
            <section class="card stack">\(explanation(visit))
            \(statusLink.map { Part.button(visit(.backToStatus), to: $0, isPrimary: true) })\(Part.hotline(visit))</section>
            """
        return Page(title: visit(title), main: main).html(for: visit)
    }

    private var title: Text {
        switch kind {
        case .thanks: .thankYou
        case .alreadyGiven: .alreadyGiven
        case .expired: .evaluationOver
        case .tooEarly: .notYetOpen
        }
    }

    private func explanation(_ visit: Visit) -> HTML {
        switch kind {
        case .thanks(reopened: true): "<p>\(visit(.reopenedForYou))</p>"
        case .thanks(reopened: false): "<p>\(visit(.thanksCounted))</p>"
        case .alreadyGiven(let at): "<p>\(visit(.givenAt)) \(visit.time(at))</p><p>\(visit(.onlyOnce))</p>"
        case .expired(let at): "<p>\(visit(.wasOpenUntil)) \(visit.time(at))</p><p>\(visit(.silenceIsNotConsent))</p>"
        case .tooEarly: "<p>\(visit(.notYetOpenHint))</p>"
        }
    }
}
