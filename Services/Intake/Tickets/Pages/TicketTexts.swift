import Contracts
import Pages

extension Text {
    static let received = Text("已收到", "Received")
    static let ticketNumber = Text("工单号", "Ticket")
    static let answerPromise = Text("15 小时内会有人回复", "Someone will answer within 15 hours")
    static let answerBy = Text("最晚", "At the latest")
    static let privateLink = Text("您的专属链接", "Your private link")
    static let privateLinkHint = Text(
        "只有拿到这个链接的人能看到进展，请收藏或截屏保存。", "Only those who have this link can follow it. Keep it or take a screenshot.")
    static let seeProgress = Text("查看进展", "See progress")
    static let copyLink = Text("复制链接", "Copy link")
    static let copied = Text("已复制", "Copied")
    static let reportAnother = Text("再报一个", "Report another")
    static let course = Text("办理过程", "What has happened")
    static let reason = Text("理由", "Reason")
    static let weAreLate = Text("已超过承诺的时间，上级正在督办。很抱歉让您久等。", "This is later than promised and is being chased. We are sorry.")
    static let reviewAsked = Text("您已申请复核，街道正在重新审查，结果会告诉您。", "You have asked for a review; the street is looking at it and will tell you.")
    static let reviewDecided = Text(
        "街道已经复核过，这是复核后的决定，不能再次申请复核。", "The street has reviewed it: this is its decision, and there is no second review.")
    static let reviewAskedBefore = Text(
        "您已经申请过复核，街道正在重新审查。每个决定只能申请一次。", "You have asked for a review, and the street is looking at it. Each decision is reviewed once.")
    static let reviewUnderWay = Text(
        "这件事已经在重新审查：另一位反映同一问题的居民先申请了复核，或者街道自己重开了。结果也会告诉您。",
        "It is being looked at again already: another reporter of the same matter asked first, or the street took it up. You will be told the result too."
    )
    static let noReview = Text("现在没有可以申请复核的决定，或者复核期限已过。", "There is no refusal that could be reviewed now, or the time for it is over.")
    static let reviewNotSent = Text("您刚才写的内容没有提交：", "What you wrote was not sent:")
    static let wasItSolved = Text("问题解决了吗？", "Was it solved?")
    static let evaluationMatters = Text("请您来评价。没有解决的会重新办理。", "Please tell us. What is not solved is taken up again.")
    static let evaluate = Text("去评价", "Evaluate")
}

extension StatusPage.Clock.Kind {
    var title: Text {
        switch self {
        case .firstAnswer: Text("第一次回复", "First answer")
        case .handling: Text("办理期限", "Time to handle it")
        case .verifying: Text("核查期限", "Time to check it")
        }
    }
}

extension StatusPage.Ending {
    var title: Text {
        switch self {
        case .solved: Text("已解决", "Solved")
        case .answered: Text("已答复", "Answered")
        case .impossible: Text("无法处理", "Cannot be done")
        case .merged: Text("与另一件合并", "Merged")
        case .declined: Text("不予受理", "Not accepted")
        case .withdrawn: Text("已撤回", "Withdrawn")
        }
    }
    /// What truly happened: nobody is said to have done or checked what they did not.
    func meaning(_ handling: StatusPage.Handling, hasReason: Bool) -> Text {
        switch self {
        case .solved: handling.text(claim: Text("问题已经解决", "it is solved"), verb: Text("说", "says"))
        case .answered:
            handling.text(
                claim: Text("给您答复", "an answer"), verb: Text("已经", "has given you"),
                and: Text("答复不等于现场已经处理。", " An answer need not mean that anything changed on site."))
        case .impossible:
            handling.text(
                claim: Text("这次没有办法处理", "it cannot be done this time"), verb: Text("认为", "says"),
                and: hasReason ? Text("理由写在下面。", " The reason is below.") : Text(verbatim: ""))
        case .merged(let number):
            Text(
                "与同一问题的另一件工单\(number.isEmpty ? "" : "（\(number)）")合并办理，进展和结果会一起告诉您。",
                "Handled together with another report of the same problem\(number.isEmpty ? "" : ", \(number)"); you will hear of both.")
        case .declined:
            hasReason
                ? Text("这件上报没有受理，理由写在下面。", "This report was not taken; the reason is below.")
                : Text("这件上报没有受理。", "This report was not taken.")
        case .withdrawn: Text("您已撤回这件上报。", "You have withdrawn this report.")
        }
    }
}

extension StatusPage.Handling {
    /// Who handled it, what they say, and who has checked, if anybody: `社区自行办理，说问题已经解决，结果由社区自己确认。`
    fileprivate func text(claim: Text, verb: Text, and more: Text = Text(verbatim: "")) -> Text {
        let said: Text =
            switch by {
            case .departments: Text("办理单位\(verb.chinese)\(claim.chinese)", "The unit \(verb.english) \(claim.english)")
            case .community, .street, .district:
                Text(
                    "\(by?.name.chinese ?? "")自行办理，\(verb.chinese)\(claim.chinese)",
                    "\(by?.name.english ?? "") handled it itself and \(verb.english) \(claim.english)")
            case nil: Text("办理结果：\(claim.chinese)", "The result: \(claim.english)")
            }
        return Text(
            said.chinese + checked.chinese + "。" + more.chinese, said.english.sentence + checked.english + "." + more.english)
    }

    private var checked: Text {
        guard let checkedBy else { return Text(verbatim: "") }
        if checkedBy == by { return Text("，结果由\(checkedBy.name.chinese)自己确认", "; it confirmed the result itself") }
        return Text("，\(checkedBy.name.chinese)核查过", ", and \(checkedBy.name.english) has checked")
    }
}

extension String {
    /// With a capital at its beginning.
    fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() }
}

extension StatusPage.Handling.Party {
    fileprivate var name: Text {
        switch self {
        case .community: Text("社区", "the community")
        case .street: Text("街道", "the street")
        case .district: Text("区级平台", "the district")
        case .departments: Text("办理单位", "the unit")
        }
    }
}

extension StatusPage.Step.Kind {
    /// What the step says once it has happened.
    var done: Text {
        switch self {
        case .received: .received
        case .accepted: Text("已受理", "Accepted")
        case .declined: Text("不予受理", "Not accepted")
        case .merged: Text("与另一件合并", "Merged with another report")
        case .withdrawn: Text("已撤回", "Withdrawn")
        case .whistled: Text("吹哨，请街道调派", "The street was called for help")
        case .dispatched: Text("已派给办理单位", "Sent to the unit in charge")
        case .signed: Text("办理单位已签收", "Signed for by the unit")
        case .deemedSigned: Text("办理单位逾期未签收，视为签收", "Not signed for in time; counts as signed for")
        case .arrived: Text("已到现场", "On site")
        case .handling: Text("正在处理", "Being worked on")
        case .finishedPart: Text("这个单位已办完", "This unit has done its part")
        case .completed: Text("处理完成，等待核查", "Work done, to be checked")
        case .disputed: Text("正在确定由谁办理", "Deciding who is in charge")
        case .suspended: Text("暂缓办理", "On hold")
        case .resumed: Text("恢复办理", "Resumed")
        case .answered: Text("已有处理结果，等待核查", "There is a result, to be checked")
        case .notAccepted: Text("核查没有通过，继续办理", "Check failed, work goes on")
        case .closed: Text("已办结", "Closed")
        case .reopened: Text("已重新办理", "Taken up again")
        case .evaluated: Text("您已评价", "You evaluated it")
        case .withdrawing: Text("您要求撤回", "You asked to withdraw it")
        case .streetCalledIn: Text("社区未按时受理，街道已介入", "Not accepted in time; the street was called in")
        case .acceptedLate: Text("未按时受理，正在催办", "Not accepted in time; it is being chased")
        case .kept(let cause): Text("您要求撤回，但\(cause.zhHans)，没有撤回", "You asked to withdraw it; \(cause.english), so it was not")
        }
    }
    /// What it says while it is awaited.
    var underWay: Text {
        switch self {
        case .accepted: Text("等待社区受理", "Waiting for the community")
        case .streetCalledIn: Text("等待街道受理", "Waiting for the street")
        case .dispatched: Text("等待街道派单", "Waiting for the street to send a unit")
        case .signed: Text("等待办理单位签收", "Waiting for the unit to sign")
        case .arrived: Text("正在赶往现场", "On the way")
        case .handling: Text("正在处理", "Being worked on")
        case .answered: Text("正在办理", "Being dealt with")
        case .closed: Text("正在核查", "Being checked")
        case .resumed: Text("暂缓办理", "On hold")
        case .evaluated: Text("等您评价", "Waiting for your evaluation")
        case .withdrawing: Text("正在撤回", "Being withdrawn")
        default: done
        }
    }
    var mark: Timeline.Mark {
        switch self {
        case .declined, .suspended, .notAccepted, .disputed, .kept, .streetCalledIn, .acceptedLate, .deemedSigned: .trouble
        case .closed, .evaluated: .ended
        default: .done
        }
    }
}
