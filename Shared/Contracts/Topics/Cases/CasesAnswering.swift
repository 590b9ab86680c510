public import JSON

extension Topics {
    static let answeringEvents: [EventKind] = [
        EventKind(CaseAnswered.self), EventKind(CaseVerified.self), EventKind(CaseSuspended.self), EventKind(CaseResumed.self),
    ]
}

/// The resident has an answer 处理反馈; it waits to be verified.
public struct CaseAnswered: CaseEvent, Hashable {
    public static var type: String { "case.answered" }
    public var variant: CaseEventVariant { .answered(self) }

    public var snapshot: CaseSnapshot
    public private(set) var text: String
    public var photos: [PhotoID]
    public var ending: Ending

    public init(snapshot: CaseSnapshot, text: PublicText, photos: [PhotoID], ending: Ending) {
        self.snapshot = snapshot
        self.text = text.description
        self.photos = photos
        self.ending = ending
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), text: try m.publicText("text"),
            photos: try m.required("photos"), ending: try m.required("ending"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("text", text)
        o.member("photos", photos)
        o.member("ending", ending)
    }
}

/// Somebody went and looked 核查.
public struct CaseVerified: CaseEvent, Hashable {
    public static var type: String { "case.verified" }
    public var variant: CaseEventVariant { .verified(self) }

    public var snapshot: CaseSnapshot
    public var accepted: Bool
    /// What is still to be done; nobody is told the rest.
    public private(set) var text: String?

    public init(snapshot: CaseSnapshot, accepted: Bool, text: PublicText? = nil) {
        self.snapshot = snapshot
        self.accepted = accepted
        self.text = text?.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"),
            accepted: try m.required("accepted"), text: try m.optionalPublicText("text"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("accepted", accepted)
        o.member("text", text)
    }
}

/// Put on hold by a named approver 挂账: the only pause there is.
public struct CaseSuspended: CaseEvent, Hashable {
    public static var type: String { "case.suspended" }
    public var variant: CaseEventVariant { .suspended(self) }

    public var snapshot: CaseSnapshot
    public var until: Timestamp
    public private(set) var reason: String

    public init(snapshot: CaseSnapshot, until: Timestamp, reason: PublicText) {
        self.snapshot = snapshot
        self.until = until
        self.reason = reason.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), until: try m.required("until"),
            reason: try m.publicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("until", until)
        o.member("reason", reason)
    }
}

/// Taken up again.
public struct CaseResumed: CaseEvent, Hashable {
    public static var type: String { "case.resumed" }
    public var variant: CaseEventVariant { .resumed(self) }

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
