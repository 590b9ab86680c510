import Pages

extension Text {
    static let evaluationOf = Text("工单", "Ticket")
    static let whatTheySaid = Text("办理单位的答复", "What the unit says")
    static let photoAfter = Text("处理后的照片", "Photo after the work")
    static let openUntil = Text("可在", "Open until")
    static let unitSeesIt = Text(" 前评价。办理单位只看到评价内容，看不到您是谁。", ". The unit sees the evaluation, not who you are.")
    static let thankYou = Text("谢谢您的评价", "Thank you")
    static let thanksCounted = Text("已记入这件事的结果，会用来改进工作。", "It is now part of this matter's result.")
    static let reopenedForYou = Text("您说没有解决，这件事已重新办理。会有人联系您，进展仍在原来的链接里。", "You said it is not solved: it has been taken up again.")
    static let alreadyGiven = Text("您已经评价过了", "You have already evaluated this")
    static let givenAt = Text("评价时间", "Given")
    static let onlyOnce = Text("一件事评价一次。如果情况有变化，请重新上报或打 12345。", "Once per matter. If things changed, report it again or call 12345.")
    static let evaluationOver = Text("评价时间已过", "Evaluation is over")
    static let wasOpenUntil = Text("评价截止于", "It was open until")
    static let silenceIsNotConsent = Text(
        "没有评价不会算作满意。问题还在的话，请重新上报。", "No answer does not count as satisfied. If it persists, report again.")
    static let notYetOpen = Text("这件事还在办理", "Still being handled")
    static let notYetOpenHint = Text("办结后就可以评价。", "You can evaluate it once it is closed.")
    static let backToStatus = Text("查看进展", "See progress")

    static let evaluationUnreadable = Text(
        "有一部分内容没有读出来。请核对下面已填的内容，补上后再提交", "Part of this could not be read. Check what is below, complete it and send again")
}
