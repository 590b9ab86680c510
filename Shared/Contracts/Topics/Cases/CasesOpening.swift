public import JSON

extension Topics {
    static let openingEvents: [EventKind] = [
        EventKind(CaseOpened.self), EventKind(CaseFiled.self), EventKind(CaseDeclined.self), EventKind(CaseMerged.self),
        EventKind(CaseJoined.self), EventKind(CaseKept.self), EventKind(CaseWithdrawn.self),
    ]
}

/// A ticket became a case, with a place, a category and clocks.
public struct CaseOpened: CaseEvent, Hashable {
    public static var type: String { "case.opened" }
    public var variant: CaseEventVariant { .opened(self) }

    public var snapshot: CaseSnapshot
    public private(set) var text: String?
    public var photos: [PhotoID]
    public var placeName: String
    /// The catalogue calls departments in the same commit, so that nobody has to accept it.
    public var sentOut: Bool?

    public init(snapshot: CaseSnapshot, text: PublicText? = nil, photos: [PhotoID], placeName: String, sentOut: Bool? = nil) {
        self.snapshot = snapshot
        self.text = text?.description
        self.photos = photos
        self.placeName = placeName
        self.sentOut = sentOut
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), text: try m.optionalPublicText("text"),
            photos: try m.required("photos"), placeName: try m.text("placeName"), sentOut: try m.optional("sentOut"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("text", text)
        o.member("photos", photos)
        o.member("placeName", placeName)
        o.member("sentOut", sentOut)
    }
}

/// The community has accepted the case 立案.
public struct CaseFiled: CaseEvent, Hashable {
    public static var type: String { "case.filed" }
    public var variant: CaseEventVariant { .filed(self) }

    public var snapshot: CaseSnapshot

    public init(snapshot: CaseSnapshot) {
        self.snapshot = snapshot
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(snapshot: try m.required("snapshot"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
    }
}

/// Not taken up 不予受理; the resident may have that reviewed.
public struct CaseDeclined: CaseEvent, Hashable {
    public static var type: String { "case.declined" }
    public var variant: CaseEventVariant { .declined(self) }

    public var snapshot: CaseSnapshot
    public private(set) var reason: String

    public init(snapshot: CaseSnapshot, reason: PublicText) {
        self.snapshot = snapshot
        self.reason = reason.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(snapshot: try m.required("snapshot"), reason: try m.publicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("reason", reason)
    }
}

/// The same matter is worked on in another case 并单: the snapshot says in which.
public struct CaseMerged: CaseEvent, Hashable {
    public static var type: String { "case.merged" }
    public var variant: CaseEventVariant { .merged(self) }

    public var snapshot: CaseSnapshot

    public init(snapshot: CaseSnapshot) {
        self.snapshot = snapshot
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(snapshot: try m.required("snapshot"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
    }
}

/// A ticket about the same matter was merged into this case 并入, or is on its own again.
public struct CaseJoined: CaseEvent, Hashable {
    public static var type: String { "case.joined" }
    public var variant: CaseEventVariant { .joined(self) }

    public var snapshot: CaseSnapshot
    public var ticket: TicketID
    public var number: TicketNumber
    /// False when it is on its own again.
    public var isJoined: Bool

    public init(snapshot: CaseSnapshot, ticket: TicketID, number: TicketNumber, isJoined: Bool) {
        self.snapshot = snapshot
        self.ticket = ticket
        self.number = number
        self.isJoined = isJoined
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), ticket: try m.required("ticket"), number: try m.required("number"),
            isJoined: try m.required("joined"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("ticket", ticket)
        o.member("number", number)
        o.member("joined", isJoined)
    }
}

/// The reporter wants to take it back, but it had been taken up by then: the case stays as it is.
public struct CaseKept: CaseEvent, Hashable {
    public static var type: String { "case.kept" }
    public var variant: CaseEventVariant { .kept(self) }

    public var snapshot: CaseSnapshot
    /// Why the reporter wants it back.
    public private(set) var reason: String?

    public init(snapshot: CaseSnapshot, reason: PublicText? = nil) {
        self.snapshot = snapshot
        self.reason = reason?.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(snapshot: try m.required("snapshot"), reason: try m.optionalPublicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("reason", reason)
    }
}

extension CaseKept {
    /// Why it was not given back: not always because somebody works on it.
    public var cause: Titles {
        switch snapshot.state {
        case .reported: Titles("他人反映的同一问题已并入", "others who reported the same wait for it")
        case .filed, .whistled, .dispatched, .disputed, .handling, .suspended, .answered: Titles("已开始办理", "work had begun")
        case .closed, .evaluated: Titles("已办结", "it was closed")
        case .merged: Titles("已与另一件合并", "it had been joined with another")
        case .declined: Titles("已决定不予受理", "it had been refused")
        case .withdrawn: Titles("此前已撤回", "it had been withdrawn before")
        }
    }
}

/// The reporter took it back 撤回.
public struct CaseWithdrawn: CaseEvent, Hashable {
    public static var type: String { "case.withdrawn" }
    public var variant: CaseEventVariant { .withdrawn(self) }

    public var snapshot: CaseSnapshot

    public init(snapshot: CaseSnapshot) {
        self.snapshot = snapshot
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(snapshot: try m.required("snapshot"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
    }
}
