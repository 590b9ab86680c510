import Actions
import Contracts
import HTTP
import Pages

/// 撤回: the reporter takes the ticket back, until somebody has taken the case up; from then on it is the street's matter. For who holds
/// the private link alone. Doing it twice is doing it once.
struct Withdraw: Sendable, Hashable {
    static let name = "withdraw", title = Text("不需要处理了？", "No longer needed?")
    static let hint = Text("撤回后不再办理，这个链接仍然能打开。", "After withdrawing nobody works on it; this link still opens.")
    static let button = Text("撤回这件上报", "Withdraw this report")
    static let from: Set<CaseState> = [.reported]
    /// Asked of programs alone: the page has a button and no questions.
    private static let reasonField = ActionField<Void, PublicText>.words("reason", Text("理由", "Reason")).optional()
    static let fields = [reasonField.form]

    let reason: PublicText?

    init() { reason = nil }
    init(_ input: ActionInput) throws(FieldMistakes) { reason = try input.read(Self.reasonField) }

    enum Decision: Sendable, Equatable {
        case withdraw(TicketWithdrawn)
        /// It was done before, then.
        case repeated(Timestamp)
    }

    /// Throws 409 when it is too late.
    func perform(on ticket: Withdrawal, _ id: TicketID) throws(Problem) -> Decision {
        let state = ticket.snapshot?.state ?? .reported
        if let before = ticket.withdrawnAt, ticket.isWithdrawing || state == .withdrawn { return .repeated(before) }
        if state.isOver { throw .conflict("ticket-closed", "The case is over; it cannot be withdrawn any more.") }
        guard Self.from.contains(state) else {
            throw .conflict("case-under-way", "Work on it has begun; it cannot be withdrawn any more.")
        }
        return .withdraw(TicketWithdrawn(ticket: id, reason: reason))
    }
}
