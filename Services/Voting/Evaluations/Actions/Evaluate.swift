import Actions
import Contracts
import HTTP
import Pages

/// 一事一评: what the one who reported, or whom the staff called back, says of how a matter went; once for each closing and party.
struct Evaluate: Sendable {
    static let title = Text("这件事办得怎么样？", "How was this handled?"), button = Text("提交评价", "Submit")
    /// Who calls back asks for the resident, in matters of their own area; everybody else needs the private link of the evaluation.
    static let by: [StaffRole] = [.street, .caller]
    /// Used where a closing names no end of its own.
    static let window = Duration.seconds(7 * 86_400)

    fileprivate static let contactedField = ActionField<Void, Contacted>.choice(
        "contacted", Text("有人联系您吗？", "Did anyone contact you?"),
        [.yes: Text("联系了", "Yes"), .no: Text("没有联系", "No")],
        wrong: Text("请选择是否有人联系过您", "Please say whether anyone contacted you"))
    fileprivate static let solvedField = ActionField<Void, Solved>.choice(
        "solved", Text("问题解决了吗？", "Is it solved?"), hint: Text("选「没解决」会重新办理", "“Not solved” takes it up again"),
        [.yes: Text("解决了", "Solved"), .partly: Text("部分解决", "Partly"), .no: Text("没解决", "Not solved")],
        wrong: Text("请选择问题是否已经解决", "Please say whether it is solved"))
    fileprivate static let satisfiedField = ActionField<Void, Satisfied>.choice(
        "satisfied", Text("您满意吗？", "Are you satisfied?"),
        [.very: Text("非常满意", "Very"), .yes: Text("满意", "Yes"), .fair: Text("一般", "So-so"), .no: Text("不满意", "No")],
        wrong: Text("请选择您是否满意", "Please say whether you are satisfied"))
    fileprivate static let reasonsField = ActionField<Void, [ReasonCode]>.reasons(
        "reasons", Text("为什么？（可多选，可不选）", "Why? (any number, optional)"), hint: Text("帮助我们改进", "It helps us improve"), reasons)
    fileprivate static let textField = ActionField<Void, PublicText>.words(
        "text", Text("还想说的（可不填）", "Anything else? (optional)"), limit: WordLimit(1_000),
        tooLong: .init(problem: "text-too-long", Text("请写在 1000 字以内", "At most 1,000 characters"))
    ).optional()
    static let fields = [contactedField.form, solvedField.form, satisfiedField.form, reasonsField.form, textField.form]

    /// Why it went so, in the order of the page.
    static let reasons = [
        FieldChoice("quick", Text("处理及时", "Quick")), FieldChoice("attitude_good", Text("态度好", "Friendly")),
        FieldChoice("slow", Text("太慢", "Too slow")), FieldChoice("back_again", Text("又出现了", "It came back")),
        FieldChoice("words_only", Text("只答复没处理", "Words only")), FieldChoice("attitude_bad", Text("态度不好", "Unfriendly")),
    ]

    let ticket: TicketID
    let party: Party
    let opinion: Opinion
    let repetition: Repetition
    /// SHA-256 of the request.
    let bodyHash: [UInt8]
    /// For party staff: who asked, and the area they act for.
    var askedBy: (name: String, area: AreaCode, actor: Actor)?

    /// How a repetition is known from a second opinion.
    enum Repetition: Sendable, Equatable {
        /// It is not: one evaluation, and then no more.
        case none
        /// By an Idempotency-Key.
        case key(String)
        /// A form sent twice (a double tap, a reload) says the same words of the same closing.
        case sameForm
    }

    enum Decision: Sendable, Equatable {
        case file
        case repeated(GivenEvaluation)
        case refuse(EvaluationRefusal)
    }

    /// Until when (exclusive) a closing may be evaluated.
    static func openUntil(_ snapshot: CaseSnapshot, closedAt: Timestamp) -> Timestamp {
        snapshot.clocks.first { $0.kind == .evaluate }?.dueAt ?? closedAt.adding(window)
    }

    /// Why this party cannot evaluate now; nil when it can. `given` is what the party gave, of any closing.
    static func refusal(_ matter: Evaluable?, given: [GivenEvaluation], at now: Timestamp) -> EvaluationRefusal? {
        guard let matter, let openUntil = matter.openUntil else { return .notClosed }
        if let earlier = given.first(where: { $0.closing == matter.closing }) { return .alreadyGiven(at: earlier.givenAt) }
        return now < openUntil ? nil : .expired(at: openUntil)
    }

    /// A repetition gets its answer whatever has happened since; everything else is judged as things stand now.
    func decide(on matter: Evaluable?, given: [GivenEvaluation], at now: Timestamp) -> Decision {
        if let area = askedBy?.area {
            guard let matter, area.contains(matter.area) else { return .refuse(.unknown) }
        }
        switch repetition {
        case .key(let key):
            if let earlier = given.first(where: { $0.key == key }) {
                return earlier.bodyHash == bodyHash ? .repeated(earlier) : .refuse(.keyReused)
            }
        case .sameForm:
            if let earlier = given.first(where: { $0.closing == matter?.closing && $0.bodyHash == bodyHash }) {
                return .repeated(earlier)
            }
        case .none: break
        }
        return Self.refusal(matter, given: given, at: now).map { .refuse($0) } ?? .file
    }

    /// What is kept of it, and what is said: codes alone, the words stay here.
    func perform(as id: EvaluationID, on matter: Evaluable, at now: Timestamp) -> (GivenEvaluation, EvaluationGiven) {
        let key: String? = if case .key(let key) = repetition { key } else { nil }
        let given = GivenEvaluation(
            id: id, closing: matter.closing, party: party, opinion: opinion, givenAt: now, key: key, bodyHash: bodyHash)
        let event = EvaluationGiven(
            evaluation: id, ticket: matter.ticket, number: matter.number, work: matter.closing.work, by: askedBy?.actor ?? .resident,
            contacted: opinion.contacted, solved: opinion.solved, satisfied: opinion.satisfied, reasons: opinion.reasons,
            area: matter.area, department: matter.department)
        return (given, event)
    }
}

extension Opinion {
    /// What was sent, at whichever door.
    init(_ input: ActionInput) throws(FieldMistakes) {
        let (contacted, solved, satisfied, reasons, words) = try input.read(
            Evaluate.contactedField, Evaluate.solvedField, Evaluate.satisfiedField, Evaluate.reasonsField, Evaluate.textField)
        self.init(contacted: contacted, solved: solved, satisfied: satisfied, reasons: reasons, words: words)
    }
}

extension ActionField where Subject == Void, Value == [ReasonCode] {
    /// Any number of reasons, each once.
    fileprivate static func reasons(_ name: StaticString, _ title: Text, hint: Text, _ offered: [FieldChoice]) -> Self {
        let form = FieldForm<Void>(name: name, title: title, hint: hint, control: .several { _ in offered }, isRequired: false)
        return Self(form: form) { values in
            var reasons: [ReasonCode] = []
            for (place, text) in (values ?? []).enumerated() {
                guard offered.contains(where: { $0.code == text }), let reason = ReasonCode(text) else {
                    return .failure(.reasonUnknown.at(place))
                }
                guard !reasons.contains(reason) else { return .failure(.reasonTwice.at(place)) }
                reasons.append(reason)
            }
            return .success(reasons)
        }
    }
}

extension FieldMistake.Reason {
    fileprivate static let reasonUnknown = Self(
        problem: "reason-unknown", Text("请从列出的原因里选", "Choose among the reasons listed"))
    fileprivate static let reasonTwice = Self(problem: "reason-twice", Text("同一个原因只算一次", "Each reason counts once"))
}
