import Contracts
import HTTP
import Pages

/// A form of a case that came when its sender's session had ended: the sign-in page keeps it, and afterwards it stands in the case's
/// own form again. Nothing of it is done until it is sent from there. It travels in bodies, never in an address.
struct CarriedForm: Sendable, Hashable {
    let kind: DeskKind
    let id: CaseID
    /// What was typed and chosen, without the ended session's proof and the version that was seen.
    let typed: ActionForm.Typed

    private static let prefix = "typed."
    private static let ofSession: Set<String> = ["csrf", "version"]

    /// nil for an action that no desk offers.
    init?(_ kind: DeskKind, _ id: CaseID, action: String, _ form: Parameters) {
        let kept = form.pairs.filter { !Self.ofSession.contains($0.name) }
        self.init(kind, id, action, Dictionary(grouping: kept, by: \.name).mapValues { $0.map(\.value) })
    }

    /// Out of the sign-in page; nil where it carried nothing.
    init?(signIn form: Parameters) throws(Problem) {
        guard let desk = try form.one("desk"), let kind = DeskKind.allCases.first(where: { $0.page.rawValue == desk }),
            let id = try form.one("case", { CaseID($0) }), let action = try form.one("action")
        else { return nil }
        let kept = form.pairs.filter { $0.name.hasPrefix(Self.prefix) }
        let values = Dictionary(grouping: kept) { String($0.name.dropFirst(Self.prefix.count)) }
        self.init(kind, id, action, values.mapValues { $0.map(\.value) })
    }

    private init?(_ kind: DeskKind, _ id: CaseID, _ action: String, _ values: [String: [String]]) {
        guard CaseActions.staff(named: action)?.isAtDesk == true else { return nil }
        (self.kind, self.id) = (kind, id)
        typed = ActionForm.Typed(code: action, values: values)
    }

    /// Where the case is.
    var page: PagePath { .deskCase(kind.page, id, queue: queue?.rawValue) }
    var queue: DeskQueue? { typed.values["queue"]?.first.flatMap { DeskQueue(rawValue: $0) } }

    /// As fields of the sign-in page.
    var fields: HTML {
        let values = typed.values.sorted { $0.key < $1.key }.flatMap { name, values in values.map { hidden(Self.prefix + name, $0) } }
        return "\(hidden("desk", kind.page.rawValue))\(hidden("case", id.description))\(hidden("action", typed.code))\(values)"
    }
}
