import Contracts

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
