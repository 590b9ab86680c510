import Actions
import Contracts
import Pages

/// 申请复核: the reporter asks for a review of a refusal, once, while its window is open. For who holds the private link alone; what the
/// street decides then is final.
struct RequestReview: Sendable, Hashable {
    static let title = Text("申请复核", "Ask for a review")
    static let hint = Text("如果您不同意，可以请街道复核一次。截止时间：", "The street will look at it again if you ask for it, by")
    static let from: Set<CaseState> = [.declined]
    private static let reasonField = ActionField<Void, PublicText>.words(
        "reason", Text("为什么应当受理", "Why it should be taken"), hint: Text("可以不写", "May be left empty"), limit: WordLimit(1_000),
        tooLong: .init(
            problem: "text-too-long", Text("理由最多 1000 字，请缩短后再提交。", "At most 1000 characters; please shorten it and send it again."))
    ).optional()
    static let fields = [reasonField.form]
    /// What stands for a reason where none is given: asking is enough.
    static let noReason: PublicText = "反映人申请复核"

    let reason: PublicText

    init(_ input: ActionInput) throws(FieldMistakes) {
        let said: PublicText? = try input.read(Self.reasonField)
        reason = said ?? Self.noReason
    }

    enum Decision: Sendable, Equatable {
        /// - Parameter of: when routing refused.
        case ask(TicketReviewRequested, of: Timestamp)
        /// This very form asked before.
        case repeated
        case refuse(Text)
    }

    /// - Parameter isSameForm: whether the form that asked last said the same.
    func perform(on window: ReviewWindow, _ id: TicketID, isSameForm: Bool) -> Decision {
        switch window {
        case .open(_, let refusal): .ask(TicketReviewRequested(ticket: id, reason: reason), of: refusal)
        case .asked where isSameForm: .repeated
        case .asked: .refuse(.reviewAskedBefore)
        case .decided: .refuse(.reviewDecided)
        case .underWay: .refuse(.reviewUnderWay)
        case .closed: .refuse(.noReview)
        }
    }
}

/// Whether a refusal may be reviewed; pure.
enum ReviewWindow: Sendable, Equatable {
    case closed
    /// - Parameter of: when routing refused.
    case open(until: Timestamp, of: Timestamp)
    /// It was asked for, and the street has not decided yet.
    case asked
    /// The refusal is what the street decided when it was asked for a review.
    case decided
    /// The refused case was taken up again before this reporter asked: by another whose ticket it is too, or by the street.
    case underWay

    /// - Parameters:
    ///   - steps: of the case, in their order.
    ///   - asked: the refusal that a review was last asked of.
    init(steps: [ProgressStep], asked: Timestamp?, now: Timestamp) {
        let refusals = steps.filter { $0.caseEvent is CaseDeclined }.map(\.time)
        guard let snapshot = steps.last?.caseEvent?.snapshot, let refused = refusals.last else {
            self = .closed
            return
        }
        let until = snapshot.clocks.first { $0.kind == .appeal }?.dueAt
        self =
            switch snapshot.state {
            case .reported: asked == refused ? .asked : .underWay
            case let state where !RequestReview.from.contains(state): .closed
            case _ where asked == refused: .asked
            case _ where asked != nil && asked == refusals.dropLast().last: .decided
            default: if let until, now < until { .open(until: until, of: refused) } else { .closed }
            }
    }
}
