import Contracts
import Pages

/// The first page: how to report, and one field that takes a plate's code, a private link or a ticket's number.
struct StartPage: Sendable {
    enum Finding: Sendable {
        /// Nothing of ours.
        case nothing
        /// A ticket's number: well formed, but it opens nothing.
        case numberOnly
    }

    /// What was typed into the field.
    var asked = ""
    var finding: Finding?

    private var errors: FormErrors {
        finding == .nothing ? FormErrors(["find": asked.isEmpty ? .findEmpty : .findNothing]) : FormErrors()
    }

    func html(for visit: Visit) -> HTML {
        let field = Field("find", visit(.findWhat), hint: visit(.findHint), value: asked, errors: errors)
        let main: HTML = """
            <section class="card stack"><h1>\(visit(.startTitle))</h1>
            <ol><li>\(visit(.startScan))</li><li>\(visit(.startPhoto))</li><li>\(visit(.startLink))</li></ol>
            <p class="soft">\(visit(.answerPromise))</p></section>
            \(if: finding == .numberOnly, Part.notice("<p>\(visit(.numberOpensNothing)) <strong class=\"code\">\(asked)</strong></p>", .active))
            <section class="card stack" aria-labelledby="find-title"><h2 id="find-title">\(visit(.findTitle))</h2>
            <form method="get" action="\(PagePath.start)">\(field.line(visit))\(Part.submit(visit(.findGo)))</form></section>
            \(Part.hotline(visit))
            """
        return Page(title: visit(.startTitle), errors: errors, main: main).html(for: visit)
    }
}

extension Text {
    static let startTitle = Text("随手上报，件件有回音", "Report it, get an answer")
    static let startScan = Text("扫一扫灯杆、长椅、墙上的二维码牌", "Scan the QR plate on a lamp post, bench or wall")
    static let startPhoto = Text("拍张照片或选个问题，提交。不用注册", "Take a photo or choose the problem, and send. No account")
    static let startLink = Text("保存提交后给您的专属链接，随时看进展", "Keep the private link you get and follow the work")
    static let findTitle = Text("查进展，或输入牌号上报", "Follow a report, or enter a plate code")
    static let findWhat = Text("专属链接或牌号", "Private link or plate code")
    static let findHint = Text(
        "工单号本身打不开工单：只有提交后得到的专属链接能看到内容", "A ticket number alone opens nothing: only the private link does")
    static let findGo = Text("打开", "Open")
    static let findEmpty = Text("请填写专属链接或牌号", "Enter a private link or a plate code")
    static let findNothing = Text("没有找到。请核对链接或牌上的 8 位编号", "Not found. Check the link, or the 8 characters on the plate")
    static let numberOpensNothing = Text(
        "为保护您的隐私，只凭工单号不能查看内容。请打开提交后保存的专属链接；没有保存的，拨打 12345 报这个工单号：",
        "To protect you, the number alone shows nothing. Open the private link you kept, or call 12345 and give this number:")
}
