extension Text {
    public static let errorPrefix = Text("错误：", "Error: ")
    static let needsCorrection = Text("有问题需要改正", "There is a problem")
    static let skipToMain = Text("跳到正文", "Skip to main content")
    static let pageSettings = Text("页面设置", "Page settings")
    static let largeSize = Text("长辈版", "Larger")
    static let normalSize = Text("标准版", "Standard")
    static let addressIs = Text("本站网址", "This site is")
    static let checkAddress = Text(
        "请认准浏览器里的这个网址。我们不收费，也不会向您要验证码。", "Check it in your browser. We never charge and never ask for codes.")
    static let choose = Text("请选择", "Choose")
    static let dueAt = Text("截止", "due")
    static let callHotline = Text("拨打 12345 热线", "Call hotline 12345")
    static let photoOf = Text("照片：", "Photo: ")
    static let nothingYet = Text("暂无数据", "No data yet")
    static let sameNumbers = Text("查看数字", "See the numbers")
    static let item = Text("项目", "Item")
    static let value = Text("数值", "Value")
    static let target = Text("目标", "Target")
    static let period = Text("时间", "Period")
    public static let submit = Text("提交", "Submit")
    public static let signOut = Text("退出", "Sign out")

    static func timeLeft(_ milliseconds: Int64) -> Text {
        let span = Span.words(milliseconds: milliseconds)
        return Text("还剩 \(span.chinese)", "\(span.english) left")
    }
    static func overdueBy(_ milliseconds: Int64) -> Text {
        let span = Span.words(milliseconds: milliseconds)
        return Text("已超时 \(span.chinese)", "\(span.english) overdue")
    }
}
