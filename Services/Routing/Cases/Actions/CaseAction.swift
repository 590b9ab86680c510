import Actions
import Contracts
import Pages

/// One thing that can be done to a case: by staff, a called unit, the resident, the catalogue or a clock.
///
/// Everything about it stands in its own file. Routes, forms of the desk, the state table, titles of notes and the tests' matrices are
/// derived from ``CaseActions``.
protocol CaseAction: Hashable, Sendable {
    /// In addresses, forms, records and logs.
    static var name: String { get }
    static var title: Text { get }
    /// In which states it can be done.
    static var from: Set<CaseState> { get }
    static var by: CaseAuthority { get }
    /// What must hold of the case besides its state, whatever is said. A form is offered only where it does.
    static func require(_ serviceCase: ServiceCase) throws(CaseRefusal)
    /// What it leaves in the course of the case.
    static var notes: [NoteKind] { get }

    /// The called unit's order that it is about.
    var dispatch: DispatchID? { get }
    /// Another case that takes part in it, to be read and locked with this one.
    var other: OtherCase? { get }
    /// Photos that are named; they must be the case's own.
    var photos: [PhotoID] { get }

    /// Checks what was said and changes the draft. Pure: it knows the draft, its time and the city's rules.
    func perform(on draft: inout CaseDraft) throws(CaseRefusal)
    /// The refusal in a state that is not in ``from``: a repeated message that comes when the case has moved on is still a repetition.
    func refusal(inStateOf serviceCase: ServiceCase) -> CaseRefusal
}

extension CaseAction {
    static func require(_ serviceCase: ServiceCase) throws(CaseRefusal) {}
    static var notes: [NoteKind] { [] }
    var dispatch: DispatchID? { nil }
    var other: OtherCase? { nil }
    var photos: [PhotoID] { [] }
    func refusal(inStateOf serviceCase: ServiceCase) -> CaseRefusal { .wrongState }
}

/// Another case that takes part in an action.
enum OtherCase: Hashable, Sendable {
    case id(CaseID)
    /// As people read it out.
    case number(TicketNumber)
    /// The one that this case was merged into, if it was.
    case mergedInto
}

/// An action of the staff: it has a form at the desk and a route.
protocol StaffAction: CaseAction {
    static var fields: [FieldForm] { get }
    /// What the form's button says.
    static var button: Text { get }
    /// The most likely one stands open at the desk.
    static var isUsual: Bool { get }
    /// Whether the desk has a form for it; the route is there in any case.
    static var isAtDesk: Bool { get }
    /// Which notes it must know to decide: those of the case of these kinds are read with it.
    static var looksBackOn: [NoteKind] { get }
    init(_ input: ActionInput) throws(FieldMistakes)
}

extension StaffAction {
    static var fields: [FieldForm] { [] }
    static var button: Text { title }
    static var isUsual: Bool { false }
    static var isAtDesk: Bool { true }
    static var looksBackOn: [NoteKind] { [] }
}

/// What a called unit says about its own order.
protocol UnitAction: CaseAction {
    var order: DispatchID { get }
}

extension UnitAction {
    static var by: CaseAuthority { .calledUnit }
    /// A pause stops the clocks, not the units: who finishes early is heard.
    static var from: Set<CaseState> { [.dispatched, .disputed, .handling, .suspended] }
    var dispatch: DispatchID? { order }

    func refusal(inStateOf serviceCase: ServiceCase) -> CaseRefusal {
        guard let dispatch = serviceCase.dispatch(order) else { return .unknownDispatch }
        guard dispatch.isActive else { return .recalled }
        return repetition(dispatch) ?? .wrongState
    }
    /// The refusal when just this was said before.
    func repetition(_ dispatch: Dispatch) -> CaseRefusal? { nil }
}

/// All actions. A new one is added here and nowhere else.
enum CaseActions {
    static let staff: [any StaffAction.Type] = [
        Accept.self, Answer.self, BlowWhistle.self, Verify.self, Decline.self, Merge.self, Inform.self, Close.self,
        DispatchUnits.self, RefuseWhistle.self, Adjudicate.self, Remind.self, Escalate.self, Suspend.self, Resume.self, Reopen.self,
    ]
    static let others: [any CaseAction.Type] = [
        SignFor.self, ConfirmArrival.self, RaiseDispute.self, ReportProgress.self, Complete.self,
        Withdraw.self, Evaluate.self,
        JoinTicket.self, SeparateTicket.self, Warn.self, Expire.self,
    ]
    static var all: [any CaseAction.Type] { staff + others }

    static func staff(named name: String) -> (any StaffAction.Type)? { staff.first { $0.name == name } }
}
