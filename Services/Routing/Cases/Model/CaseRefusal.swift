/// Why a command is not carried out: a stable code and a sentence in each language.
public struct CaseRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: String
    public let chinese: String
    public let english: String
    /// The same was done before: a repeated message, to be dropped without a word.
    public let isReplay: Bool
    /// The field of the action that is wrong; nothing when it is the whole.
    public let field: String?

    init(_ code: String, _ chinese: String, _ english: String, isReplay: Bool = false, field: String? = nil) {
        self.field = field
        self.code = code
        self.chinese = chinese
        self.english = english
        self.isReplay = isReplay
    }
    public var description: String { "\(code): \(english)" }
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    // Where and who
    public static let unknownCase = Self("unknown-case", "没有这件工单", "There is no such case here")
    public static let wrongState = Self("case-wrong-state", "当前状态不能这样做", "The case's state does not allow this")
    public static let notTheOwner = Self("not-the-owner", "不是本件的承办单位", "Only the unit that holds the case may do this")
    public static let notTheResident = Self("not-the-resident", "只有反映人可以这样做", "Only the person who reported it may do this")
    public static let notTheStreet = Self("not-the-street", "须由街道处理", "Only the street centre may do this")
    public static let notTheCourt = Self("not-the-adjudicator", "须由裁定单位处理", "Only the unit that must decide the dispute may do this")
    public static let notAnApprover = Self(
        "not-an-approver", "须由街道或区级批准，且不能自批", "Only the street or the district may approve, never the holder itself")
    public static let notARule = Self("not-a-rule", "只能由系统按规则触发", "Only a rule may do this")
    public static let departmentOnly = Self(
        "department-only", "部门职责事项不得下交社区（国办函〔2025〕66号）", "This matter belongs to a department and may not be handed down")
    // What is wrong with a field
    public static let leadMissing = Self(
        "missing-member", "请选择主办单位", "The catalogue names no lead for this case; name one", field: "lead")
    public static let disputeNotNamed = Self(
        "missing-member", "有多个异议待裁定，请选择一个", "Several disputes are open; name one", field: "dispatch")
    public static let successorMissing = Self("missing-member", "请选择改派给哪个单位", "A reassignment names a unit", field: "to")
    public static let whyNotAccepted = Self(
        "missing-member", "核查不通过时请写明原因", "Say why the work is not accepted", field: "text")
    public static let successorUnexpected = Self(
        "unexpected-member", "维持原派单时不能再选改派单位", "Only a reassignment names a unit", field: "to")
    public static let noSuchCase = Self(
        "no-such-case", "没有这个工单号，或不在您的辖区", "There is no case of that name among yours", field: "into")
    public static func noSuchPhoto(at place: Int) -> Self {
        Self("no-such-photo", "本件没有这张照片", "The case has no such photo", field: "photos/\(place)")
    }
    // What is missing
    public static let reasonMissing = Self("reason-missing", "请写明理由", "A reason must be given")
    public static let textMissing = Self("text-missing", "请写明办理情况", "The text must say what was done")
    public static let dishonestEnding = Self("dishonest-ending", "办结方式与事实不符", "This ending does not match what happened")
    public static let duplicateDepartment = Self("duplicate-department", "同一单位不能重复派单", "A unit can be called only once")
    public static let unknownDepartment = Self("unknown-department", "没有这个部门", "There is no such department")
    public static let intoItself = Self("merge-into-itself", "不能并入自己", "A case cannot be merged into itself")
    public static let othersJoined = Self(
        "others-joined", "已有工单并入本件，请把那一件并入本件", "Others were merged into this case; merge that one into this one instead")
    public static let alreadyJoined = Self("already-joined", "已经并入", "It was merged into this case already", isReplay: true)
    public static let tooManyJoined = Self("too-many-joined", "并入的工单已达上限", "No more tickets can be merged into this case")
    public static let mergeTarget = Self(
        "merge-target", "只能并入同一街道内还在办理的工单", "A case can only be merged into one of the same street that is still open")
    public static let suspensionLength = Self(
        "suspension-length", "挂账期限须在将来且不超过上限", "The pause must end in the future and within the limit")
    public static let verificationMissing = Self("verification-missing", "须先核查再办结", "The work must be verified before the case closes")
    public static let nothingWhistled = Self("nothing-whistled", "本件没有吹哨", "Nobody whistled in this case")
    // Called units
    public static let unknownDispatch = Self("unknown-dispatch", "没有这次派单", "There is no such dispatch in this case")
    public static let notCalled = Self("not-called", "派单对象不是本单位", "Another unit was called")
    public static let recalled = Self("dispatch-recalled", "派单已撤回", "The dispatch was recalled")
    public static let notSigned = Self("not-signed", "请先签收", "The unit must sign for it first")
    public static let inDispute = Self("in-dispute", "异议裁定中", "The dispute is not decided yet")
    public static let notInDispute = Self("not-in-dispute", "没有待裁定的异议", "There is no open dispute to decide")
    public static let alreadySigned = Self("already-signed", "已经签收", "It was signed for already", isReplay: true)
    public static let alreadyArrived = Self("already-arrived", "已经报到", "The unit has turned up already", isReplay: true)
    public static let alreadyDisputed = Self("already-disputed", "已经提出异议", "It is disputed already", isReplay: true)
    public static let alreadyCompleted = Self("already-completed", "已经办结", "The unit has completed already", isReplay: true)
    public static let workCompleted = Self("work-completed", "该单位已办结，不再接受进展", "The unit has completed; nothing can be added to that")
    public static let disputeLimit = Self("dispute-limit", "每个单位只能提出一次异议", "A unit may dispute a case once")
    public static let tooLateToDispute = Self("dispute-too-late", "已报到或已办理，不能再提异议", "A unit that has begun may not dispute")
    public static let alreadyReturned = Self(
        "already-returned", "该单位已被裁定不承办，须由区级指定", "That unit was relieved; only the district may call it again")
    // Windows and clocks
    public static let windowClosed = Self("window-closed", "已过期限", "The window for this is over")
    public static let clockNotRunning = Self("clock-not-running", "该时限没有在计时", "No such clock is running")
    public static let clockHeld = Self("clock-held", "挂账期间不计时", "The clock is held by an approved pause")
    public static let clockNotDue = Self("clock-not-due", "时限未到", "The clock is not due yet")
    public static let alreadyExpired = Self("clock-already-expired", "已经记为超时", "It was marked overdue already", isReplay: true)
    public static let alreadyWarned = Self("already-warned", "已经提醒过", "That warning was given already", isReplay: true)
}
