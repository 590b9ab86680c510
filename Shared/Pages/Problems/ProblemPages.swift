import Contracts

/// Answers a browser whose request met a problem: what is the matter, what to do, the number under which it is recorded.
public struct ProblemPage: Sendable {
    /// HTTP's status.
    public var status: Int
    public var code: String
    /// The status in words of the reader's language.
    public var title: String
    public var traceID: String
    /// Where the reader came from; nil: the start page is all there is to lead to.
    public var back: Link?

    public init(status: Int, code: String, title: String, traceID: String, back: Link? = nil) {
        self.status = status
        self.code = code
        self.title = title
        self.traceID = traceID
        self.back = back
    }

    /// Whether it can be the answer to a form, which the browser keeps.
    private var mayFollowForm: Bool { [400, 408, 413, 415, 422, 429, 500, 503, 504].contains(status) }

    public func html(for visit: Visit) -> HTML {
        let meaning = ProblemCatalogue.meaning(of: code).map { visit($0) }
        let main: HTML = """
            <section class="card stack"><h1>\(title)</h1>
            \(if: meaning != nil, "<p>\(meaning)</p>")
            \(if: mayFollowForm, "<p>\(visit(.goBack))</p>")
            <p>\(back.map { Part.button($0.words, to: $0.page, isPrimary: true) } ?? Part.button(visit(.toStart), to: .start))</p>
            <p class="small soft">\(visit(.problemCode)) <span class="code">\(code)</span> · \(visit(.traceNumber)) \
            <span class="code">\(traceID)</span></p>
            </section>\(Part.hotline(visit))
            """
        return Page(title: title, main: main).html(for: visit)
    }
}

/// `/problems/<code>`: what a code of problem+json means.
public struct ProblemMeaningPage: Sendable {
    /// As it was asked for; shown cut to 64 characters.
    public var code: String

    public init(code: String) { self.code = code }

    public var isKnown: Bool { ProblemCatalogue.meaning(of: code) != nil }

    public func html(for visit: Visit) -> HTML {
        let meaning = ProblemCatalogue.meaning(of: code) ?? .problemUnknown
        let main: HTML = """
            <section class="card stack"><p class="eyebrow">\(visit(.problemCode))</p>
            <h1><span class="code">\(String(code.prefix(64)))</span></h1><p>\(visit(meaning))</p>
            <p class="small soft">\(visit(.problemShape))</p></section>
            """
        return Page(title: visit(.problemCode) + " " + String(code.prefix(64)), main: main).html(for: visit)
    }
}

extension Text {
    static let goBack = Text("如果刚才在填写表单，按返回键可以回到填好的内容。", "If you were filling in a form, go back: what you typed is still there.")
    public static let toTicket = Text("回到工单", "Back to your report")
    public static let toPlate = Text("回到上报页", "Back to the report page")
    public static let toCase = Text("回到工单", "Back to the case")
    public static let toDesk = Text("回到工作台", "Back to the desk")
    public static let toFigures = Text("回到数据总览", "Back to the figures")
    public static let toSignIn = Text("回到登录", "Back to the sign-in")
    static let toStart = Text("回到首页", "To the start page")
    static let problemCode = Text("问题代码", "Problem code")
    static let traceNumber = Text("记录号", "Trace")
    static let problemUnknown = Text("没有这个代码。", "There is no such code.")
    static let problemShape = Text(
        "接口出错时返回 application/problem+json（RFC 9457）：code 是稳定的代码，errors 指出具体位置，trace_id 是记录号。",
        "Errors come as application/problem+json (RFC 9457): code is stable, errors points at each place, trace_id is the record.")
}
