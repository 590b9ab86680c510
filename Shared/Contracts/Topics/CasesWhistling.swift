public import JSON

extension Topics {
    static let whistlingEvents: [EventKind] = [
        EventKind(CaseWhistled.self), EventKind(CaseRefused.self), EventKind(CaseDispatched.self),
    ]
}

/// The community calls its street for help 吹哨.
public struct CaseWhistled: ActorEvent, Hashable {
    public static var type: String { "case.whistled" }

    public var snapshot: CaseSnapshot
    public var whistle: WhistleID
    public var kind: WhistleKind
    public var by: Actor
    public private(set) var reason: String

    public init(snapshot: CaseSnapshot, whistle: WhistleID, kind: WhistleKind, by: Actor, reason: PublicText) {
        self.snapshot = snapshot
        self.whistle = whistle
        self.kind = kind
        self.by = by
        self.reason = reason.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), whistle: try m.required("whistle"),
            kind: try m.required("kind"), by: try m.required("by"), reason: try m.publicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("whistle", whistle)
        o.member("kind", kind)
        o.member("by", by)
        o.member("reason", reason)
    }
}

/// The street refused the whistle; the case is the community's again.
public struct CaseRefused: ActorEvent, StaffEvent, Hashable {
    public static var type: String { "case.refused" }

    public var snapshot: CaseSnapshot
    public var by: Actor
    public private(set) var reason: String

    public init(snapshot: CaseSnapshot, by: Actor, reason: PublicText) {
        self.snapshot = snapshot
        self.by = by
        self.reason = reason.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(snapshot: try m.required("snapshot"), by: try m.required("by"), reason: try m.publicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("by", by)
        o.member("reason", reason)
    }
}

/// Units were called 派单.
public struct CaseDispatched: ActorEvent, Hashable {
    public static var type: String { "case.dispatched" }

    public var snapshot: CaseSnapshot
    public var dispatches: [CalledUnit]
    public var by: Actor
    /// The legal or catalogue basis.
    public private(set) var basis: String

    public init(snapshot: CaseSnapshot, dispatches: [CalledUnit], by: Actor, basis: PublicText) {
        self.snapshot = snapshot
        self.dispatches = dispatches
        self.by = by
        self.basis = basis.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), dispatches: try m.required("dispatches"),
            by: try m.required("by"), basis: try m.publicText("basis"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("dispatches", dispatches)
        o.member("by", by)
        o.member("basis", basis)
    }
}
