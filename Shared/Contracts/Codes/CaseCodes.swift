/// Where a case stands; each state has an owner and a clock.
public enum CaseState: String, WireCode {
    case reported
    case filed
    case whistled
    case dispatched
    case disputed
    case handling
    case suspended
    case answered
    case closed
    case evaluated
    case merged
    case declined
    case withdrawn

    public var titles: Titles {
        switch self {
        case .reported: Titles("上报", "Reported")
        case .filed: Titles("立案", "Filed")
        case .whistled: Titles("吹哨", "Whistled")
        case .dispatched: Titles("派单", "Dispatched")
        case .disputed: Titles("派单异议", "Disputed")
        case .handling: Titles("办理", "Handling")
        case .suspended: Titles("挂账", "On hold")
        case .answered: Titles("处理反馈", "Answered")
        case .closed: Titles("办结", "Closed")
        case .evaluated: Titles("一事一评", "Evaluated")
        case .merged: Titles("并单", "Merged")
        case .declined: Titles("不予受理", "Declined")
        case .withdrawn: Titles("撤回", "Withdrawn")
        }
    }
}

/// Which kind of unit a case lies with.
public enum OwnerKind: String, WireCode {
    case community
    case street
    case department
    case district
    case none

    public var titles: Titles {
        switch self {
        case .community: Titles("社区", "Community")
        case .street: Titles("街道", "Street")
        case .department: Titles("部门", "Department")
        case .district: Titles("区平台", "District")
        case .none: Titles("无", "Nobody")
        }
    }
}

/// The way a ticket came in.
public enum Channel: String, WireCode {
    case plate
    case web
    case wechat
    case hotline
    case grid
    case counter
    case open311
    case imported = "import"
    case sensor
    case proactive

    public var titles: Titles {
        switch self {
        case .plate: Titles("扫码上报", "QR plate")
        case .web: Titles("网页上报", "Web")
        case .wechat: Titles("微信", "WeChat")
        case .hotline: Titles("12345热线", "Hotline 12345")
        case .grid: Titles("网格巡查", "Grid worker")
        case .counter: Titles("窗口", "Counter")
        case .open311: Titles("Open311", "Open311")
        case .imported: Titles("批量导入", "Import")
        case .sensor: Titles("设备信号", "Sensor")
        case .proactive: Titles("未诉先办", "Before anyone asked")
        }
    }
}

/// How soon someone must act.
public enum Urgency: String, WireCode {
    case normal
    case urgent
    case critical

    public var titles: Titles {
        switch self {
        case .normal: Titles("一般", "Normal")
        case .urgent: Titles("紧急", "Urgent")
        case .critical: Titles("特急", "Critical")
        }
    }
}

/// How a case ended, honestly.
public enum Ending: String, WireCode {
    case solved
    case answered
    case unable
    case merged

    public var titles: Titles {
        switch self {
        case .solved: Titles("已解决", "Solved")
        case .answered: Titles("已答复", "Answered")
        case .unable: Titles("无法处理", "Cannot be done")
        case .merged: Titles("并单", "Merged")
        }
    }
}

/// How work on a case may end, as those say who did it. "Merged" is said by merging alone, so it is none of these.
public enum WorkEnding: String, WireCode {
    case solved
    case answered
    case unable

    public var ending: Ending {
        switch self {
        case .solved: .solved
        case .answered: .answered
        case .unable: .unable
        }
    }
    public var titles: Titles { ending.titles }
}

/// The clocks that run on a case. Due times are absolute; an approved extension is the only pause.
public enum ClockKind: String, WireCode {
    case accept
    case firstAnswer = "first_answer"
    case dispatch
    case sign
    case arrive
    case contact
    case handle
    case adjudicate
    case verify
    case review
    case evaluate
    case reopen
    case appeal
    /// From the report to the closing; never reset, never paused.
    case overall

    public var titles: Titles {
        switch self {
        case .accept: Titles("受理", "Accept")
        case .firstAnswer: Titles("首次答复", "First answer")
        case .dispatch: Titles("派单", "Dispatch")
        case .sign: Titles("签收", "Sign for")
        case .arrive: Titles("报到", "Confirm arrival")
        case .contact: Titles("首次联系", "First contact")
        case .handle: Titles("办理", "Handle")
        case .adjudicate: Titles("异议裁定", "Adjudicate")
        case .verify: Titles("核查", "Verify")
        case .review: Titles("挂账复核", "Review")
        case .evaluate: Titles("评价期", "Evaluation window")
        case .reopen: Titles("重开期", "Reopen window")
        case .appeal: Titles("复核期", "Review window")
        case .overall: Titles("全程", "Overall")
        }
    }

    /// What the clock is about where the case stands: a window of review is of what ended it.
    public func titles(in state: CaseState) -> Titles {
        guard self == .appeal else { return titles }
        return switch state {
        case .merged: Titles("并单复核", "Review of the merging")
        case .declined: Titles("不予受理复核", "Review of a refusal")
        case .withdrawn: Titles("撤回复核", "Review of the withdrawal")
        case .reported, .filed, .whistled, .dispatched, .disputed, .handling, .suspended, .answered, .closed, .evaluated: titles
        }
    }
}
