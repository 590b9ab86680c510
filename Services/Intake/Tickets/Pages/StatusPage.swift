import Actions
import Contracts
import Pages

/// The resident's private view of one ticket: `GET /s/<token>`.
struct StatusPage: Sendable {
    /// What happened, in the order of the case's life. Units, never persons.
    struct Step: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case received, accepted, declined
            case merged(into: String)
            case withdrawn, whistled, dispatched, signed, arrived, handling, finishedPart, completed
            case disputed, suspended, resumed, answered, notAccepted, closed, reopened, evaluated
            /// The reporter asked to have it back: not answered yet, and too late.
            case withdrawing
            case kept(because: Titles)
            /// The unit did not sign in time and counts as having signed.
            case deemedSigned
            /// The community did not take it in time; the street did not.
            case streetCalledIn, acceptedLate
        }
        var kind: Kind
        var unit: String?
        var at: Int64
        var text: String?
        var photos: [String] = []
    }
    /// Different ends have different names: an answer is not a repair.
    enum Ending: Sendable, Hashable {
        case solved, answered, impossible
        case merged(into: String)
        case declined, withdrawn
    }
    /// Who did the work and who looked at it afterwards, as far as the events say.
    struct Handling: Sendable, Hashable {
        enum Party: Sendable, Hashable, CaseIterable { case community, street, district, departments }
        var by: Party?
        var checkedBy: Party?
    }
    struct Clock: Sendable, Hashable {
        enum Kind: Sendable { case firstAnswer, handling, verifying }
        var kind: Kind
        var start: Int64
        var due: Int64
    }

    var number: String
    var placeName: String
    var categoryName: String?
    var steps: [Step]
    /// The step that is awaited, with the unit whose turn it is.
    var awaited: (kind: Step.Kind, unit: String?)?
    var ending: Ending?
    var handling = Handling()
    /// Why it ended so; required by the office for 无法处理 and 不予受理.
    var endingReason: String?
    var clock: Clock?
    /// The evaluation page, while it is open.
    var evaluationLink: PagePath?
    /// Where the reporter takes it back; nil when that is over.
    var withdrawal: PagePath?
    /// Of a refusal, once.
    enum Review: Sendable, Hashable {
        case open(until: Int64, form: PagePath)
        case asked
        /// It is what the street decided on review.
        case decided
    }
    var review: Review?
    /// A request for review that was not taken: it stays on the page.
    struct TypedReview: Sendable, Hashable {
        var input: ActionInput
        /// Why, beside the field; never empty.
        var errors: FormErrors

        var words: String { RequestReview.fields.compactMap { input.values[$0.key]?.first }.joined(separator: "\n") }
    }
    var typedReview: TypedReview?

    func html(for visit: Visit) -> HTML {
        let main: HTML = """
            <div><p class="eyebrow">\(visit(.ticketNumber)) <span class="code">\(number)</span></p>
            <h1>\(visit(headline))</h1><p class="soft"><bdi>\(placeName)</bdi>\(if: categoryName != nil, " · \(categoryName)")</p></div>
            \(endingCard(visit))\(reviewCard(visit))\(clockCard(visit))\(evaluationCard(visit))
            <section class="card" aria-labelledby="course"><h2 id="course">\(visit(.course))</h2>\(timeline(visit).html(for: visit))</section>
            \(withdrawalCard(visit))<p class="small soft">\(visit(.privateLinkHint))</p>\(Part.hotline(visit))
            """
        return Page(title: visit(headline) + " " + number, errors: errors, main: main).html(for: visit)
    }

    private var headline: Text {
        if let ending { return ending.title }
        if let awaited { return awaited.kind.underWay }
        return steps.last?.kind.done ?? .received
    }

    private func endingCard(_ visit: Visit) -> HTML {
        guard let ending else { return HTML() }
        let reason: HTML = endingReason.map { "<p><strong>\(visit(.reason))</strong></p>\(Part.quoted($0))" } ?? HTML()
        let meaning = ending.meaning(handling, hasReason: endingReason != nil)
        return Part.notice("<p>\(visit(meaning))</p>\(reason)", ending == .solved ? .good : .calm)
    }

    private func reviewCard(_ visit: Visit) -> HTML {
        switch review {
        case nil: return unsentReview(visit)
        case .asked: return unsentReview(visit) + Part.notice("<p>\(visit(.reviewAsked))</p>", .calm)
        case .decided: return unsentReview(visit) + Part.notice("<p>\(visit(.reviewDecided))</p>", .calm)
        case .open(let until, let path):
            let controls = RequestReview.fields.map { $0.control(visit, for: (), typed: typedReview?.input.values, errors: errors) }
            return """
                <section class="card stack" aria-labelledby="review"><h2 id="review">\(visit(RequestReview.title))</h2>
                <p class="soft">\(visit(RequestReview.hint)) \(visit.time(until))</p>
                <form method="post" action="\(path)" class="stack">\(controls)\
                <div>\(Part.submit(visit(RequestReview.title)))</div></form></section>
                """
        }
    }

    /// Beside the form, while there is one.
    private var errors: FormErrors {
        guard case .open = review, let typedReview else { return FormErrors() }
        return typedReview.errors
    }

    /// Why a request was not taken where there is no form any more, and what was typed, to be copied.
    private func unsentReview(_ visit: Visit) -> HTML {
        guard let typedReview else { return HTML() }
        let isBlank = typedReview.words.allSatisfy(\.isWhitespace)
        let words: HTML = isBlank ? HTML() : "<p>\(visit(.reviewNotSent))</p>\(Part.quoted(typedReview.words))"
        let why = typedReview.errors.items.map { "\(visit($0.message))" as HTML }
        return "<div role=\"alert\">\(Part.notice("<p>\(why)</p>\(words)", .late))</div>"
    }

    private func clockCard(_ visit: Visit) -> HTML {
        guard let clock, ending == nil else { return HTML() }
        return """
            <section class="card stack" aria-labelledby="clock"><h2 id="clock">\(visit(clock.kind.title))</h2>
            \(Part.deadline(visit, start: clock.start, due: clock.due))
            \(if: clock.due < visit.now, "<p class=\"small\">\(visit(.weAreLate))</p>")</section>
            """
    }

    private func evaluationCard(_ visit: Visit) -> HTML {
        guard let evaluationLink else { return HTML() }
        return """
            <section class="card stack"><h2>\(visit(.wasItSolved))</h2><p class="soft">\(visit(.evaluationMatters))</p>
            <p><a class="button primary fill" href="\(evaluationLink)">\(visit(.evaluate))</a></p></section>
            """
    }

    private func withdrawalCard(_ visit: Visit) -> HTML {
        guard let withdrawal else { return HTML() }
        return """
            <details><summary>\(visit(Withdraw.title))</summary><p class="soft">\(visit(Withdraw.hint))</p>
            <form method="post" action="\(withdrawal)">\(Part.submit(visit(Withdraw.button), isPrimary: false))</form></details>
            """
    }

    private func timeline(_ visit: Visit) -> Timeline {
        var shown = steps.map { step in
            Timeline.Step(
                visit(step.kind.done), unit: step.unit, at: step.at, text: step.text, photos: step.photos, mark: step.kind.mark)
        }
        if let awaited, ending == nil { shown.append(Timeline.Step(visit(awaited.kind.underWay), unit: awaited.unit, mark: .current)) }
        return Timeline(shown)
    }
}
