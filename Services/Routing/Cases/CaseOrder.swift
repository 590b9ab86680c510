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
    case decline(reason: String)
    case refuse(reason: String)
    case reopen(reason: String)
    case answer(text: String, photos: [PhotoID], ending: Ending)
    case whistle(WhistleKind, reason: String)
    /// Without units: those that the catalogue names.
    case dispatch(lead: DepartmentCode?, coHandlers: [DepartmentCode]?, basis: String?)
    /// Without a dispatch: the only open dispute.
    case adjudicate(DispatchID?, Verdict, to: DepartmentCode?, reason: String?)
    case suspend(until: Timestamp, reason: String)
    case verify(accepted: Bool, ending: Ending?, text: String?)
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
            .answer(text: try m.words("text"), photos: try m.optional("photos") ?? [], ending: try m.required("ending"))
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
        case .merge: .merge(.id(try m.required("into")))
        }
    }
}

extension JSONMembers {
    /// 2 000 characters of any script. Telephone and identity numbers do not get into events.
    fileprivate mutating func words(_ name: StaticString) throws(JSONError) -> String {
        PersonalData.scrub(try read(name) { value throws(JSONError) in try value.string(maxBytes: 8_000) })
    }
    fileprivate mutating func wordsIfPresent(_ name: StaticString) throws(JSONError) -> String? {
        try readIfPresent(name) { value throws(JSONError) in try value.string(maxBytes: 8_000) }.map { PersonalData.scrub($0) }
    }
}
