import Actions
import Contracts
import Pages

/// 一事一评: the evaluation by the one who reported, `GET /e/<token>`, and with its errors as the answer to `POST /e/<token>`.
///
/// The form is that of ``Evaluate``: the questions on a card each, what may be left out together on the last one.
struct EvaluationPage: Sendable {
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
    /// What was typed before and comes back.
    var typed: [String: [String]]?
    var errors = FormErrors()

    func html(for visit: Visit) -> HTML {
        let main: HTML = """
            <div><p class="eyebrow">\(visit(.evaluationOf)) <span class="code">\(number)</span></p><h1>\(visit(Evaluate.title))</h1>
            <p class="soft"><bdi>\(placeName)</bdi>\(if: categoryName != nil, " · \(categoryName)")</p></div>
            \(answerCard(visit))
            <form class="steps-form" method="post" action="\(path)" novalidate>
            \(controls(visit, required: true).map { "<div class=\"card\">\($0)</div>" as HTML })
            <div class="card stack">\(controls(visit, required: false))</div>
            <div class="stack"><button class="button primary fill" type="submit">\(visit(Evaluate.button))</button>
            <p class="small soft">\(visit(.openUntil)) \(visit.time(openUntil))\(visit(.unitSeesIt))</p></div></form>
            """
        return Page(title: visit(Evaluate.title), errors: errors, main: main).html(for: visit)
    }

    private func controls(_ visit: Visit, required: Bool) -> [HTML] {
        Evaluate.fields.filter { $0.isRequired == required }.map { $0.control(visit, for: (), typed: typed, errors: errors) }
    }

    private func answerCard(_ visit: Visit) -> HTML {
        guard let answer else { return HTML() }
        return """
            <section class="card stack" aria-labelledby="answer"><h2 id="answer">\(visit(.whatTheySaid))</h2>
            \(if: unit != nil, "<p class=\"soft\"><bdi>\(unit)</bdi></p>")\(Part.quoted(answer))\(Part.photos(answerPhotos, visit, what: visit(.photoAfter)))</section>
            """
    }
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
