import Contracts

/// Which text is sent. The raw value is stored with a delivery: it never changes.
enum TemplateKey: String, Sendable, Hashable, CaseIterable {
    case received, accepted, declined, merged, withdrawn, whistled, dispatched, arrived, progressed, suspended, resumed
    case answered, closed, reopened, kept
    case deskNew = "desk_new"
    case deskToDispatch = "desk_to_dispatch"
    case deskWhistled = "desk_whistled"
    case deskRefused = "desk_refused"
    case deskLead = "desk_lead"
    case deskCo = "desk_co"
    case deskDispatched = "desk_dispatched"
    case deskDisputed = "desk_disputed"
    case deskUpheld = "desk_upheld"
    case deskReassigned = "desk_reassigned"
    case deskRelieved = "desk_relieved"
    case deskCompleted = "desk_completed"
    case deskRework = "desk_rework"
    case deskSuspended = "desk_suspended"
    case deskResumed = "desk_resumed"
    case deskWithdrawn = "desk_withdrawn"
    case deskKept = "desk_kept"
    case deskClosed = "desk_closed"
    case deskReopened = "desk_reopened"
    case deskEvaluated = "desk_evaluated"
    case deskReminded = "desk_reminded"
    case deskEscalated = "desk_escalated"
    case deskWarned = "desk_warned"
    case deskOverdue = "desk_overdue"
    case deskDeemedSigned = "desk_deemed_signed"

    /// Texts for residents carry their private links; those for desks must not.
    var isForResident: Bool { !rawValue.hasPrefix("desk_") }
}

/// What residents read. Short: most of it travels as SMS.
let residentTexts: [Template] = [
    Template(
        .received, Titles("已收到您的诉求", "We have received your report"),
        Titles(
            "【{street}】您反映的“{category}”已收到，工单号{number}。办理进度：{status}",
            "[{street}] We have received your report “{category}”, number {number}. Follow it at {status}")),
    Template(
        .accepted, Titles("您的诉求已受理", "Your report has been accepted"),
        Titles(
            "【{street}】您的工单{number}（{category}）已由{unit}受理，我们会尽快答复您。进度：{status}",
            "[{street}] {unit} has accepted your report {number} ({category}) and will answer soon. Follow it at {status}")),
    Template(
        .declined, Titles("您的诉求不予受理", "Your report was not accepted"),
        Titles(
            "【{street}】您的工单{number}不予受理，原因：{reason}。能否申请复核，请看：{status}",
            "[{street}] Your report {number} was not accepted: {reason}. Whether it can be reviewed: {status}")),
    Template(
        .merged, Titles("您的诉求已并单办理", "Your report was joined with another"),
        Titles(
            "【{street}】您的工单{number}与他人反映的同一问题合并办理，结果一样会告知您。进度：{status}",
            "[{street}] Your report {number} is handled together with others about the same matter. Follow it at {status}")),
    Template(
        .withdrawn, Titles("您的工单已撤回", "Your report was withdrawn"),
        Titles(
            "【{street}】您的工单{number}已按您的意愿撤回。",
            "[{street}] Your report {number} was withdrawn as you asked.")),
    Template(
        .kept, Titles("您的工单没有撤回", "Your report was not withdrawn"),
        Titles(
            "【{street}】您要求撤回工单{number}，因{cause}没有撤回，您的要求已记入办理过程。进度：{status}",
            "[{street}] You asked to withdraw your report {number}; {cause}, so it was not. Your wish is on record: {status}"
        )),
    Template(
        .whistled, Titles("已吹哨请街道协调", "The street has been called for help"),
        Titles(
            "【{street}】您的工单{number}（{category}）需要其他单位处理，{unit}已吹哨请街道协调。进度：{status}",
            "[{street}] Your report {number} ({category}) needs other units; {unit} has called the street for help. Follow it at {status}")
    ),
    Template(
        .dispatched, Titles("您的诉求已派单", "Your report is with the units in charge"),
        Titles(
            "【{street}】您的工单{number}（{category}）已派给{units}办理。进度：{status}",
            "[{street}] Your report {number} ({category}) was given to {units}. Follow it at {status}")),
    Template(
        .arrived, Titles("工作人员已到场", "Somebody is on site"),
        Titles(
            "【{street}】{unit}已到场处理您的工单{number}。进度：{status}",
            "[{street}] {unit} is on site for your report {number}. Follow it at {status}")),
    Template(
        .progressed, Titles("您的诉求有新进展", "There is news about your report"),
        Titles(
            "【{street}】您的工单{number}有新进展，{unit}：{text}。进度：{status}",
            "[{street}] News about your report {number} from {unit}: {text}. Follow it at {status}")),
    Template(
        .suspended, Titles("您的诉求暂缓办理", "Your report is on hold"),
        Titles(
            "【{street}】您的工单{number}暂缓办理至{until}，原因：{reason}。到期我们会继续办理。进度：{status}",
            "[{street}] Your report {number} is on hold until {until}: {reason}. We take it up again then. Follow it at {status}")),
    Template(
        .resumed, Titles("您的诉求恢复办理", "Your report has been taken up again"),
        Titles(
            "【{street}】您的工单{number}已恢复办理。进度：{status}",
            "[{street}] Your report {number} has been taken up again. Follow it at {status}")),
    Template(
        .answered, Titles("您的诉求有了答复", "Your report has been answered"),
        Titles(
            "【{street}】您的工单{number}已答复：{text}。详情：{status}",
            "[{street}] Your report {number} has been answered: {text}. Read more at {status}")),
    Template(
        .closed, Titles("您的诉求已办结，请评价", "Your report is closed: please evaluate"),
        Titles(
            "【{street}】您的工单{number}已办结（{ending}）。是否联系、是否解决、是否满意，请您评价：{evaluate}",
            "[{street}] Your report {number} is closed ({ending}). Were you contacted, is it solved, are you satisfied? {evaluate}")),
    Template(
        .reopened, Titles("您的诉求重新办理", "Your report was reopened"),
        Titles(
            "【{street}】您的工单{number}已重新办理，原因：{reason}。进度：{status}",
            "[{street}] Your report {number} was reopened: {reason}. Follow it at {status}")),
]

/// What desks of communities, streets, districts and departments read. Never a resident's private link.
let deskTexts: [Template] = [
    Template(
        .deskNew, Titles("新工单 {number}：{category}", "New case {number}: {category}"),
        Titles(
            "{place}有新工单{number}（{category}，{urgency}），请受理。\n描述：{text}\n受理时限：{due}\n{desk}",
            "A new case {number} ({category}, {urgency}) at {place} waits to be accepted.\nReported: {text}\nDue: {due}\n{desk}")),
    Template(
        .deskToDispatch, Titles("待派单 {number}：{category}", "To be dispatched {number}: {category}"),
        Titles(
            "{place}有新工单{number}（{category}，{urgency}），须由部门办理，请派单。\n描述：{text}\n派单时限：{due}\n{desk}",
            "A new case {number} ({category}, {urgency}) at {place} is for departments: please dispatch.\nReported: {text}\nDue: {due}\n{desk}"
        )),
    Template(
        .deskWhistled, Titles("{unit}吹哨：{number}", "{unit} whistles: {number}"),
        Titles(
            "{unit}就工单{number}（{category}）吹{whistle}，地点：{place}，请派单。\n原因：{reason}\n派单时限：{due}\n{desk}",
            "{unit} whistles ({whistle}) about case {number} ({category}) at {place}: please dispatch.\nReason: {reason}\nDue: {due}\n{desk}"
        )),
    Template(
        .deskRefused, Titles("吹哨被退回：{number}", "Whistle refused: {number}"),
        Titles(
            "{unit}退回了工单{number}（{category}）的吹哨，请继续办理。\n原因：{reason}\n{desk}",
            "{unit} refused the whistle about case {number} ({category}); the case is yours again.\nReason: {reason}\n{desk}")),
    Template(
        .deskLead, Titles("派单（主办）{number}：{category}", "Dispatch (lead) {number}: {category}"),
        Titles(
            "工单{number}（{category}，{urgency}）派给贵单位主办，地点：{place}。\n依据：{reason}\n签收时限：{due}\n{desk}",
            "Case {number} ({category}, {urgency}) at {place} is dispatched to you as lead.\nBasis: {reason}\nDue: {due}\n{desk}")),
    Template(
        .deskCo, Titles("派单（协办）{number}：{category}", "Dispatch (co-handler) {number}: {category}"),
        Titles(
            "工单{number}（{category}，{urgency}）请贵单位协办，地点：{place}。\n依据：{reason}\n签收时限：{due}\n{desk}",
            "Case {number} ({category}, {urgency}) at {place} is dispatched to you as co-handler.\nBasis: {reason}\nDue: {due}\n{desk}")),
    Template(
        .deskDispatched, Titles("已派单：{number}", "Dispatched: {number}"),
        Titles(
            "工单{number}（{category}）已派给{units}。\n{desk}", "Case {number} ({category}) was dispatched to {units}.\n{desk}")),
    Template(
        .deskDisputed, Titles("派单异议：{number}", "Dispatch disputed: {number}"),
        Titles(
            "{unit}对工单{number}（{category}）提出异议：{ground}。请裁定。\n说明：{text}\n{desk}",
            "{unit} disputes case {number} ({category}): {ground}. Please decide.\nRemarks: {text}\n{desk}")),
    Template(
        .deskUpheld, Titles("异议裁定：维持派单 {number}", "Dispute decided: dispatch upheld {number}"),
        Titles(
            "工单{number}（{category}）的派单维持不变，请继续办理。\n理由：{reason}\n{desk}",
            "The dispatch of case {number} ({category}) is upheld: please go on.\nReason: {reason}\n{desk}")),
    Template(
        .deskReassigned, Titles("异议裁定：改派 {number}", "Dispute decided: reassigned {number}"),
        Titles(
            "工单{number}（{category}）改派给{units}，地点：{place}。\n理由：{reason}\n{desk}",
            "Case {number} ({category}) at {place} is reassigned to {units}.\nReason: {reason}\n{desk}")),
    Template(
        .deskRelieved, Titles("异议裁定：不再由贵单位承办 {number}", "Dispute decided: no longer yours {number}"),
        Titles(
            "工单{number}（{category}）改派给{units}，贵单位不再承办。\n理由：{reason}\n{desk}",
            "Case {number} ({category}) goes to {units}; it is no longer yours.\nReason: {reason}\n{desk}")),
    Template(
        .deskCompleted, Titles("待核查：{number}", "To be verified: {number}"),
        Titles(
            "{unit}报告工单{number}（{category}）已办结：{text}。请核查。\n{desk}",
            "{unit} says that case {number} ({category}) is done: {text}. Please verify.\n{desk}")),
    Template(
        .deskRework, Titles("核查未通过：{number}", "Not verified: {number}"),
        Titles(
            "工单{number}（{category}）核查未通过，请继续办理。\n说明：{text}\n{desk}",
            "Case {number} ({category}) did not pass verification: please go on.\nRemarks: {text}\n{desk}")),
    Template(
        .deskSuspended, Titles("挂账：{number}", "On hold: {number}"),
        Titles(
            "工单{number}（{category}）挂账至{until}。\n原因：{reason}\n{desk}",
            "Case {number} ({category}) is on hold until {until}.\nReason: {reason}\n{desk}")),
    Template(
        .deskResumed, Titles("恢复办理：{number}", "Taken up again: {number}"),
        Titles("工单{number}（{category}）恢复办理。\n{desk}", "Case {number} ({category}) is taken up again.\n{desk}")),
    Template(
        .deskWithdrawn, Titles("已撤回：{number}", "Withdrawn: {number}"),
        Titles(
            "工单{number}（{category}）已由诉求人撤回，无需再办。\n{desk}",
            "Case {number} ({category}) was withdrawn by who reported it; nothing is left to do.\n{desk}")),
    Template(
        .deskKept, Titles("居民要求撤回：{number}", "Wish to withdraw: {number}"),
        Titles(
            "诉求人要求撤回工单{number}（{category}），因{cause}没有撤回，请核实是否还需要办。\n说明：{reason}\n{desk}",
            "Who reported case {number} ({category}) wants it back. It was not withdrawn, since {cause}: please find out what is still needed.\n"
                + "Reason: {reason}\n{desk}")),
    Template(
        .deskClosed, Titles("办结：{number}", "Closed: {number}"),
        Titles("工单{number}（{category}）已办结：{ending}。\n{desk}", "Case {number} ({category}) is closed: {ending}.\n{desk}")),
    Template(
        .deskReopened, Titles("重新办理：{number}", "Reopened: {number}"),
        Titles(
            "工单{number}（{category}）重新办理。\n原因：{reason}\n{desk}",
            "Case {number} ({category}) was reopened.\nReason: {reason}\n{desk}")),
    Template(
        .deskEvaluated, Titles("一事一评：{number}", "Evaluated: {number}"),
        Titles(
            "工单{number}（{category}）的评价：{evaluation}。\n{desk}",
            "Case {number} ({category}) was evaluated: {evaluation}.\n{desk}")),
    Template(
        .deskReminded, Titles("催办：{number}", "Reminder: {number}"),
        Titles(
            "工单{number}（{category}，地点：{place}）催办，请贵单位尽快反馈办理情况。\n要求：{text}\n{desk}",
            "Case {number} ({category}) at {place}: please say how it stands.\nAsked: {text}\n{desk}")),
    Template(
        .deskEscalated, Titles("提级督办：{number}", "To be watched: {number}"),
        Titles(
            "{street}提请区级督办工单{number}（{category}，地点：{place}）。当前责任单位：{unit}。\n理由：{text}\n{desk}",
            "{street} asks the district to watch case {number} ({category}) at {place}. With: {unit}\nReason: {text}\n{desk}")),
    Template(
        .deskWarned, Titles("时限提醒：{number}", "Time is running out: {number}"),
        Titles(
            "工单{number}（{category}）的“{clock}”时限已用{percent}%。当前责任单位：{unit}。\n到期：{due}\n{desk}",
            "Case {number} ({category}): {percent}% of the time for “{clock}” has gone. With: {unit}\nDue: {due}\n{desk}")),
    Template(
        .deskOverdue, Titles("超时督办：{number}", "Overdue: {number}"),
        Titles(
            "工单{number}（{category}）的“{clock}”已于{due}超时，请立即处理。当前责任单位：{unit}。\n{desk}",
            "Case {number} ({category}): “{clock}” ran out at {due}. Please act now. With: {unit}\n{desk}")),
    Template(
        .deskDeemedSigned, Titles("逾期未签收，视为签收：{number}", "Deemed signed for: {number}"),
        Titles(
            "工单{number}（{category}）的签收时限已于{due}过，按规则视为{unit}已签收，请马上办理。\n{desk}",
            "Case {number} ({category}): the time to sign ran out at {due}. By the rules {unit} counts as having signed; please begin.\n{desk}"
        )),
]
