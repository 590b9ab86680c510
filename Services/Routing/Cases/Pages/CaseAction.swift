import Contracts
import Pages

/// One thing that can be done to a case, with the fields that it asks for. The code is the last part of the form's address.
struct CaseAction: Sendable {
    struct Choice: Sendable, Hashable {
        let code: String
        let name: Text
        init(_ code: String, _ name: Text) {
            self.code = code
            self.name = name
        }
    }
    enum Input: Sendable {
        case text(String, Text, hint: Text? = nil)
        case line(String, Text, hint: Text? = nil)
        case date(String, Text)
        case one(String, Text, [Choice], value: String = "")
        case list(String, Text, [Choice])
        case any(String, Text, [Choice], hint: Text? = nil)
        case hidden(String, String)
        case photos(String, Text)

        /// The field's name.
        var name: String {
            switch self {
            case .text(let name, _, _), .line(let name, _, _), .date(let name, _), .one(let name, _, _, _), .list(let name, _, _),
                .any(let name, _, _, _), .hidden(let name, _), .photos(let name, _):
                name
            }
        }
    }

    var code: String
    var name: Text
    var button: Text
    var inputs: [Input]
    /// The most likely one stands open.
    var isFirst = false

    var encoding: String {
        let hasFiles = inputs.contains { if case .photos = $0 { true } else { false } }
        return hasFiles ? "multipart/form-data" : "application/x-www-form-urlencoded"
    }

    /// What was typed into the form of one action and refused: it stands there again.
    struct Typed: Sendable, Hashable {
        let code: String
        let values: [String: [String]]
        /// What was said in words.
        var words: String? { ["text", "reason", "basis"].lazy.compactMap { values[$0]?.first { !$0.isEmpty } }.first }
    }

    func fields(_ visit: Visit, _ errors: FormErrors, typed: Typed? = nil) -> [HTML] {
        let typed = typed?.code == code ? typed?.values : nil
        func field(_ name: String, _ label: Text, _ hint: Text? = nil, value: String = "") -> Field {
            Field(
                name, visit(label), hint: hint.map { visit($0) }, value: typed.map { $0[name]?.first ?? "" } ?? value, errors: errors,
                scope: code + "-")
        }
        return inputs.map { input in
            switch input {
            case .text(let name, let label, let hint): field(name, label, hint).lines(visit)
            case .line(let name, let label, let hint): field(name, label, hint).line(visit)
            case .date(let name, let label): field(name, label).line(visit, type: "date")
            case .one(let name, let label, let choices, let value):
                field(name, label, value: value).chips(visit, shown(choices, visit), style: "scale")
            case .list(let name, let label, let choices): field(name, label).list(visit, shown(choices, visit))
            case .any(let name, let label, let choices, let hint):
                field(name, label, hint).checks(visit, shown(choices, visit), values: Set(typed?[name] ?? []))
            case .hidden(let name, let value): Pages.hidden(name, value)
            case .photos(let name, let label): files(name, label, visit)
            }
        }
    }

    private func shown(_ choices: [Choice], _ visit: Visit) -> [Field.Choice] {
        choices.map { Field.Choice($0.code, visit($0.name)) }
    }

    private func files(_ name: String, _ label: Text, _ visit: Visit) -> HTML {
        """
        <label class="shot files">\(Icon.album) <span>\(visit(label))</span>
        <input type="file" name="\(name)" accept="image/*" multiple></label>
        """
    }

    // What the community may do.

    static let file = CaseAction(code: "file", name: .accept, button: .accept, inputs: [], isFirst: true)
    static let decline = CaseAction(
        code: "decline", name: .decline, button: .decline, inputs: [.text("reason", .whyTold, hint: .residentReads)])
    static let answer = CaseAction(
        code: "answer", name: .answerResident, button: .sendAnswer,
        inputs: [
            .one(
                "ending", .endsAs,
                [
                    .init("solved", Text("已解决", "Solved")), .init("answered", Text("已答复", "Answered only")),
                    .init("impossible", Text("无法处理", "Cannot be done")),
                ]),
            .text("text", .answerText, hint: .residentReads),
        ], isFirst: true)
    static let whistle = CaseAction(
        code: "whistle", name: .blowWhistle, button: .blowWhistle,
        inputs: [
            .one(
                "kind", .whistleKind,
                [
                    .init("daily", Text("日常哨", "Everyday")), .init("hard", Text("攻坚哨", "Hard case")),
                    .init("emergency", Text("应急哨", "Emergency")),
                ]),
            .text("reason", .whyWhistle, hint: .streetReads),
        ])
    static let merge = CaseAction(
        code: "merge", name: .merge, button: .merge, inputs: [.line("into", .mergeInto, hint: .mergeHint)])
    /// What is proposed stands chosen; who said that it cannot be done may not have it booked as solved.
    static func verify(proposed: Ending) -> CaseAction {
        let endings = Ending.allCases.filter { $0 != .merged && !($0 == .solved && proposed == .unable) }
        return CaseAction(
            code: "verify", name: .verify, button: .saveVerdict,
            inputs: [
                .one(
                    "accepted", .verdict,
                    [.init("yes", Text("通过", "Accepted")), .init("no", Text("不通过，退回办理", "Not accepted, back to work"))]),
                .one(
                    "ending", .endsAsIfAccepted, endings.map { .init($0.rawValue, Text($0.titles.zhHans, $0.titles.english)) },
                    value: proposed.rawValue),
                .text("text", .remark),
            ],
            isFirst: true)
    }

    // What the street may do.

    static func dispatch(departments: [Choice]) -> CaseAction {
        CaseAction(
            code: "dispatch", name: .dispatch, button: .dispatch,
            inputs: [
                .list("lead", .leadUnit, departments), .any("co", .coUnits, departments, hint: .coUnitsHint),
                .text("basis", .basis, hint: .departmentReads),
            ], isFirst: true)
    }
    static let refuse = CaseAction(
        code: "refuse", name: .refuseWhistle, button: .refuseWhistle, inputs: [.text("reason", .whyTold, hint: .communityReads)])
    /// - Parameter disputes: those that are open, by the dispatch that they are about.
    static func adjudicate(disputes: [Choice], departments: [Choice]) -> CaseAction {
        let which: Input =
            disputes.count == 1
            ? .hidden("dispatch", disputes.first?.code ?? "") : .one("dispatch", .whichDispute, disputes)
        return CaseAction(
            code: "adjudicate", name: .adjudicate, button: .saveVerdict,
            inputs: [
                which,
                .one("verdict", .verdict, [.init("uphold", Text("维持原派单", "Stays as sent")), .init("reassign", Text("改派", "Reassign"))]),
                .list("to", .reassignTo, departments), .text("reason", .whyTold, hint: .departmentReads),
            ], isFirst: true)
    }
    static let suspend = CaseAction(
        code: "suspend", name: .suspend, button: .suspend,
        inputs: [.date("until", .reviewDate), .text("reason", .whyTold, hint: .residentReads)])
    static let resume = CaseAction(code: "resume", name: .resume, button: .resume, inputs: [], isFirst: true)

    /// What the button of that code says; nil for a code of no form.
    static func name(_ code: String) -> Text? {
        let plain: [CaseAction] = [
            .file, .decline, .answer, .whistle, .merge, .verify(proposed: .solved), .dispatch(departments: []), .refuse,
            .adjudicate(disputes: [], departments: []), .suspend, .resume,
        ]
        return plain.first { $0.code == code }?.name
    }
}
