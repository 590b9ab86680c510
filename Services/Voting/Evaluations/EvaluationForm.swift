import Contracts
import HTTP
import Pages

/// The page's form as it was sent: an opinion, or what is wrong beside each field.
struct EvaluationForm: Sendable {
    let values: EvaluationPage.Values
    let errors: FormErrors
    /// nil when there are errors.
    let opinion: Opinion?

    private static let known: Set<String> = ["contacted", "solved", "satisfied", "reason", "text"]

    /// Throws what no browser sends with our page: 400 for a field given twice, 422 for one that does not exist.
    init(_ form: Parameters) throws(Problem) {
        if let foreign = form.pairs.first(where: { !Self.known.contains($0.name) }) {
            throw Opinion.refusal("#/\(foreign.name)", "unknown-member", "There is no such field.")
        }
        for name in Self.known where name != "reason" { _ = try form.one(name) }
        values = Self.values(form)
        (opinion, errors) = Self.judge(values)
    }

    /// What could be read of a form that is refused as a whole: shown again, never filed.
    init(legible form: Parameters) {
        values = Self.values(form)
        opinion = nil
        var errors = Self.judge(values).errors
        if errors.isEmpty { errors.add("text", .evaluationUnreadable) }
        self.errors = errors
    }

    private static func values(_ form: Parameters) -> EvaluationPage.Values {
        var values = EvaluationPage.Values()
        values.contacted = form.all("contacted").first ?? ""
        values.solved = form.all("solved").first ?? ""
        values.satisfied = form.all("satisfied").first ?? ""
        values.reasons = Set(form.all("reason"))
        values.text = form.all("text").first ?? ""
        return values
    }

    private static func judge(_ values: EvaluationPage.Values) -> (opinion: Opinion?, errors: FormErrors) {
        var errors = FormErrors()
        let contacted = Contacted(rawValue: values.contacted)
        if contacted == nil { errors.add("contacted", .answerContacted) }
        let solved = Solved(rawValue: values.solved)
        if solved == nil { errors.add("solved", .answerSolved) }
        let satisfied = Satisfied(rawValue: values.satisfied)
        if satisfied == nil { errors.add("satisfied", .answerSatisfied) }
        if !values.reasons.isSubset(of: Opinion.reasonCodes) { errors.add("reason", .answerReason) }
        if values.text.unicodeScalars.count > Opinion.maxWords { errors.add("text", .evaluationTooLong) }
        guard errors.isEmpty, let contacted, let solved, let satisfied else { return (nil, errors) }
        // In the order of the page, so that the same answers are the same event.
        let reasons = EvaluationPage.reasonChoices.filter { values.reasons.contains($0.code) }
        return (
            Opinion(
                contacted: contacted, solved: solved, satisfied: satisfied, reasons: reasons.compactMap { ReasonCode($0.code) },
                words: values.text), errors
        )
    }
}
