import Contracts
import HTTP
import JSON

/// What a member of staff asks for: the body of `POST /v1/cases/{id}/<action>`, or a form of the desk.
enum CaseOrder: Sendable {
    enum Action: String, CaseIterable, Sendable {
        case accept, decline, answer, whistle, refuse, dispatch, adjudicate, suspend, resume, verify, close, merge, reopen
    }
    /// The other case, by id or by the number that people read out.
    enum Target: Sendable {
        case id(CaseID)
        case number(TicketNumber)

        var number: TicketNumber? { if case .number(let number) = self { number } else { nil } }
    }

    case accept
    case resume
    case decline(reason: PublicText)
    case refuse(reason: PublicText)
    case reopen(reason: PublicText)
    case answer(text: PublicText, photos: [PhotoID], ending: Ending)
    case whistle(WhistleKind, reason: PublicText)
    /// Without units: those that the catalogue names.
    case dispatch(lead: DepartmentCode?, coHandlers: [DepartmentCode]?, basis: PublicText?)
    /// Without a dispatch: the only open dispute.
    case adjudicate(DispatchID?, Verdict, to: DepartmentCode?, reason: PublicText?)
    case suspend(until: Timestamp, reason: PublicText)
    case verify(accepted: Bool, ending: Ending?, text: PublicText?)
    case close(Ending)
    case merge(Target)

    /// Reads a body strictly. An action without particulars takes an empty body or `{}`.
    init(_ action: Action, _ request: HTTPRequest) throws(Problem) {
        if request.body.isEmpty, action == .accept || action == .resume || action == .dispatch {
            self = action == .accept ? .accept : action == .resume ? .resume : .dispatch(lead: nil, coHandlers: nil, basis: nil)
            return
        }
        guard request.contentType == "application/json" else {
            throw Problem(415, "unsupported-media-type", detail: "this route takes application/json")
        }
        var reader = JSONReader(request.body)
        do {
            self = try reader.object { m throws(JSONError) in try Self.read(action, &m) }
            try reader.end()
        } catch {
            throw Problem(error)
        }
    }

    private static func read(_ action: Action, _ m: inout JSONMembers) throws(JSONError) -> CaseOrder {
        switch action {
        case .accept: .accept
        case .resume: .resume
        case .decline: .decline(reason: try m.words("reason"))
        case .refuse: .refuse(reason: try m.words("reason"))
        case .reopen: .reopen(reason: try m.words("reason"))
        case .answer:
            .answer(text: try m.read("text", Self.answerWords), photos: try m.optional("photos") ?? [], ending: try m.required("ending"))
        case .whistle: .whistle(try m.required("kind"), reason: try m.words("reason"))
        case .dispatch:
            .dispatch(lead: try m.optional("lead"), coHandlers: try m.optional("coHandlers"), basis: try m.wordsIfPresent("basis"))
        case .adjudicate:
            .adjudicate(
                try m.optional("dispatch"), try m.required("verdict"), to: try m.optional("to"), reason: try m.wordsIfPresent("reason"))
        case .suspend: .suspend(until: try m.required("until"), reason: try m.words("reason"))
        case .verify:
            .verify(accepted: try m.required("accepted"), ending: try m.optional("ending"), text: try m.wordsIfPresent("text"))
        case .close: .close(try m.required("ending"))
        case .merge: .merge(try m.read("into", Self.target))
        }
    }

    /// Programs name a case by its id, people and the desk's form by its number: both doors take both.
    private static func target(_ value: inout JSONReader) throws(JSONError) -> Target {
        let start = value
        let name = try value.string(maxBytes: 64)
        if let id = CaseID(name) { return .id(id) }
        if let number = TicketNumber(name) { return .number(number) }
        throw start.failure(.invalidValue, "a case's id or number is due")
    }

    /// The table asks for reasons, but takes an answer as it comes; the form demands one too.
    private static func answerWords(_ value: inout JSONReader) throws(JSONError) -> PublicText {
        let start = value
        guard let words = words(try limited(&value)) else {
            throw start.failure(.outOfRange, "something must be said")
        }
        return words
    }

    /// All that a person may say in one field.
    fileprivate static func limited(_ value: inout JSONReader) throws(JSONError) -> String {
        let start = value
        let text = try value.string(maxBytes: WordLimit.bytes)
        guard WordLimit.holds(text) else { throw start.failure(.tooLong, "more than \(WordLimit.characters) characters") }
        return text
    }

    /// Words as they may be kept; nil when nothing is said.
    static func words(_ text: String) -> PublicText? { text.allSatisfy(\.isWhitespace) ? nil : PublicText(scrubbing: text) }
}

extension JSONMembers {
    fileprivate mutating func words(_ name: StaticString) throws(JSONError) -> PublicText {
        PublicText(scrubbing: try read(name, CaseOrder.limited))
    }
    fileprivate mutating func wordsIfPresent(_ name: StaticString) throws(JSONError) -> PublicText? {
        try readIfPresent(name, CaseOrder.limited).flatMap(CaseOrder.words)
    }
}
