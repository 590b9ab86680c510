import Contracts
import HTTP
import Pages

/// The forms of the desk as orders. Names of fields and codes are the pages'.
enum DeskForm {
    /// What was asked, or which fields are wrong (named `<action>-<field>`, as the page scopes them).
    static func read(_ code: String, _ form: Parameters, today: Timestamp) throws(Problem) -> Result<CaseOrder, Mistake> {
        var reader = Reader(code: code, form: form)
        let order = try reader.order(today: today)
        guard let order, reader.errors.isEmpty else { return .failure(Mistake(errors: reader.errors)) }
        return .success(order)
    }

    /// As people type it: with blanks, in small letters.
    static func number(_ text: String) -> TicketNumber? { TicketNumber(text.filter { !$0.isWhitespace }.uppercased()) }

    struct Mistake: Error {
        let errors: FormErrors
    }

    private struct Reader {
        let code: String
        let form: Parameters
        var errors = FormErrors()

        mutating func order(today: Timestamp) throws(Problem) -> CaseOrder? {
            switch code {
            case "file": return .accept
            case "resume": return .resume
            case "decline": return try words("reason").map { .decline(reason: $0) }
            case "refuse": return try words("reason").map { .refuse(reason: $0) }
            case "answer": return try answer()
            case "whistle": return try whistle()
            case "merge": return try merge()
            case "verify": return try verify()
            case "dispatch": return try dispatch()
            case "adjudicate": return try adjudicate()
            case "suspend": return try suspend(today)
            default: throw Problem.notFound()
            }
        }

        private mutating func merge() throws(Problem) -> CaseOrder? {
            let text = try form.one("into").flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
            if let text, let number = DeskForm.number(text) { return .merge(.number(number)) }
            errors.add("\(code)-into", text == nil ? Text("请填写", "Please fill in") : .noSuchCase)
            return nil
        }

        private mutating func answer() throws(Problem) -> CaseOrder? {
            let ending = try value("ending") { $0 == "impossible" ? .unable : Ending(rawValue: $0) }
            let text = try words("text")
            guard let ending, let text else { return nil }
            return .answer(text: text, photos: [], ending: ending)
        }

        private mutating func whistle() throws(Problem) -> CaseOrder? {
            let kind = try value("kind") { $0 == "hard" ? .tough : WhistleKind(rawValue: $0) }
            let reason = try words("reason")
            guard let kind, let reason else { return nil }
            return .whistle(kind, reason: reason)
        }

        private mutating func verify() throws(Problem) -> CaseOrder? {
            guard let accepted = try value("accepted", { $0 == "yes" ? true : $0 == "no" ? false : nil }) else { return nil }
            let ending = accepted ? try value("ending") { Ending(rawValue: $0) } : nil
            let text = try form.one("text").flatMap { judge($0, "text") }
            return .verify(accepted: accepted, ending: ending, text: text)
        }

        private mutating func dispatch() throws(Problem) -> CaseOrder? {
            let lead = try value("lead") { DepartmentCode($0) }
            let others = form.all("co").compactMap { DepartmentCode($0) }.filter { $0 != lead }
            let basis = try words("basis")
            guard let lead, let basis else { return nil }
            return .dispatch(lead: lead, coHandlers: others, basis: basis)
        }

        private mutating func adjudicate() throws(Problem) -> CaseOrder? {
            let dispatch = try value("dispatch") { DispatchID($0) }
            let verdict = try value("verdict") { Verdict(rawValue: $0) }
            let other = verdict == .reassign ? try value("to") { DepartmentCode($0) } : nil
            let reason = try words("reason")
            guard let dispatch, let verdict, let reason else { return nil }
            return .adjudicate(dispatch, verdict, to: other, reason: reason)
        }

        /// A date means the end of that day.
        private mutating func suspend(_ today: Timestamp) throws(Problem) -> CaseOrder? {
            let day = try value("until") { ChineseDay($0) }
            let reason = try words("reason")
            guard let day, let reason else { return nil }
            return .suspend(until: day.at(minute: 1_440), reason: reason)
        }

        private mutating func value<T>(_ name: String, _ convert: (String) -> T?) throws(Problem) -> T? {
            guard let value = try form.one(name).flatMap(convert) else {
                errors.add("\(code)-\(name)", Text("请选择或填写", "Please choose or fill in"))
                return nil
            }
            return value
        }

        private mutating func words(_ name: String) throws(Problem) -> PublicText? {
            guard let text = try form.one(name), !text.allSatisfy(\.isWhitespace) else {
                errors.add("\(code)-\(name)", Text("请填写", "Please fill in"))
                return nil
            }
            return judge(text, name)
        }

        private mutating func judge(_ text: String, _ name: String) -> PublicText? {
            guard WordLimit.holds(text) else {
                errors.add("\(code)-\(name)", Text("太长，请缩短到 2000 字以内", "Too long: at most 2000 characters"))
                return nil
            }
            return CaseOrder.words(text)
        }
    }
}
