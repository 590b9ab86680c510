/// Every address that a page, a letter or a test links to: one typed list, so that a link to nowhere does not compile.
///
/// Services take their routes from `Template`, everything that links takes its address from a case: both are one text.
public enum PagePath: Sendable, Hashable, CustomStringConvertible {
    /// The first page.
    case start
    /// A plate's page, where one reports.
    case plate(code: String)
    /// A ticket's private page; first after a report it shows the receipt.
    /// `phone` is the kind of a number of which the receipt has something to say.
    case status(token: String, isNew: Bool = false, phone: String? = nil)
    /// Where the private page's button takes a report back.
    case withdrawal(token: String)
    /// Where it asks for a review of a refusal.
    case review(token: String)
    case evaluation(token: String)
    case photo(token: String)
    /// What a code of problem+json means.
    case problem(code: String)
    /// The figures, of some days or of the last thirty.
    case overview(from: String? = nil, to: String? = nil)
    /// The same figures as a file.
    case rateFile(by: String, from: String, to: String)
    /// Staff sign in, and go on to `next`, a path of this site.
    case signIn(next: String? = nil)
    case signOut
    /// A desk of staff; `queue` and `after` are its tab and page.
    case desk(Desk, queue: String? = nil, after: String? = nil)
    /// One case at a desk; `done` is the code of what was just done to it.
    case deskCase(Desk, CaseID, queue: String? = nil, done: String? = nil)
    /// Where a form of that case goes.
    case deskAction(Desk, CaseID, action: String)

    /// The places where staff work on cases.
    public enum Desk: String, Sendable, CaseIterable {
        /// The street centre's, and its district's.
        case street
        /// A community's.
        case community

        public var list: Template { self == .street ? .street : .community }
        public var one: Template { self == .street ? .streetCase : .communityCase }
        public var action: Template { self == .street ? .streetAction : .communityAction }
    }

    /// A route's template, with `{name}` for what varies.
    public enum Template: String, Sendable, CaseIterable {
        case start = "/"
        case plate = "/q/{code}"
        case status = "/s/{token}"
        case withdrawal = "/s/{token}/withdraw"
        case review = "/s/{token}/review"
        case evaluation = "/e/{token}"
        case photo = "/p/{token}"
        case problem = "/problems/{code}"
        case overview = "/analytics"
        case rateFile = "/v1/rates.csv"
        case signIn = "/sign-in"
        case signOut = "/sign-out"
        case street = "/street"
        case streetCase = "/street/{id}"
        case streetAction = "/street/{id}/{action}"
        case community = "/community"
        case communityCase = "/community/{id}"
        case communityAction = "/community/{id}/{action}"
    }

    public var template: Template {
        switch self {
        case .start: .start
        case .plate: .plate
        case .status: .status
        case .withdrawal: .withdrawal
        case .review: .review
        case .evaluation: .evaluation
        case .photo: .photo
        case .problem: .problem
        case .overview: .overview
        case .rateFile: .rateFile
        case .signIn: .signIn
        case .signOut: .signOut
        case .desk(let desk, _, _): desk.list
        case .deskCase(let desk, _, _, _): desk.one
        case .deskAction(let desk, _, _): desk.action
        }
    }

    /// The address on this host: the template filled in, percent-encoded, with its query.
    public var description: String {
        var values = self.values[...]
        var pieces: [String] = []
        for piece in template.rawValue.split(separator: "/", omittingEmptySubsequences: false) {
            pieces.append(piece.hasPrefix("{") ? Self.encode(values.popFirst() ?? "") : String(piece))
        }
        let query = self.query.compactMap { name, value in value.map { "\(name)=\(Self.encode($0))" } }
        return pieces.joined(separator: "/") + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    /// What stands for the template's names, in their order.
    private var values: [String] {
        switch self {
        case .plate(let code), .problem(let code): [code]
        case .status(let token, _, _), .withdrawal(let token), .review(let token), .evaluation(let token), .photo(let token): [token]
        case .deskCase(_, let id, _, _): [id.description]
        case .deskAction(_, let id, let action): [id.description, action]
        case .start, .overview, .rateFile, .signIn, .signOut, .desk: []
        }
    }

    private var query: [(name: String, value: String?)] {
        switch self {
        case .status(_, let isNew, let phone): [("new", isNew ? "1" : nil), ("phone", phone)]
        case .overview(let from, let to): [("from", from), ("to", to)]
        case .rateFile(let by, let from, let to): [("by", by), ("from", from), ("to", to)]
        case .signIn(let next): [("next", next)]
        case .desk(_, let queue, let after): [("queue", queue), ("after", after)]
        case .deskCase(_, _, let queue, let done): [("done", done), ("queue", queue)]
        default: []
        }
    }

    /// Everything but RFC 3986's unreserved characters, `/` and `:` as `%XX`.
    private static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: ":"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default: encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
