public import JSON

extension Topics {
    static let whistlingEvents: [EventKind] = [
        EventKind(CaseWhistled.self), EventKind(CaseRefused.self), EventKind(CaseDispatched.self),
    ]
}

/// The community calls its street for help 吹哨.
public struct CaseWhistled: CaseEvent, Hashable {
    public static var type: String { "case.whistled" }
    public var variant: CaseEventVariant { .whistled(self) }

    public var snapshot: CaseSnapshot
    public var whistle: WhistleID
    public var kind: WhistleKind
    public private(set) var reason: String

    public init(snapshot: CaseSnapshot, whistle: WhistleID, kind: WhistleKind, reason: PublicText) {
        self.snapshot = snapshot
        self.whistle = whistle
        self.kind = kind
        self.reason = reason.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), whistle: try m.required("whistle"),
            kind: try m.required("kind"), reason: try m.publicText("reason"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("whistle", whistle)
        o.member("kind", kind)
        o.member("reason", reason)
    }
}

/// The street refused the whistle; the case is the community's again.
public struct CaseRefused: StaffEvent, Hashable {
    public static var type: String { "case.refused" }
    public var staffVariant: StaffEventVariant { .refused(self) }
    public var about: DepartmentCode? { nil }
    public var words: String? { reason }

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

/// Units were called 派单.
public struct CaseDispatched: CaseEvent, Hashable {
    public static var type: String { "case.dispatched" }
    public var variant: CaseEventVariant { .dispatched(self) }
    public var departments: [DepartmentCode] { dispatches.map(\.department) }

    public var snapshot: CaseSnapshot
    public var dispatches: [CalledUnit]
    /// The legal or catalogue basis.
    public private(set) var basis: String

    public init(snapshot: CaseSnapshot, dispatches: [CalledUnit], basis: PublicText) {
        self.snapshot = snapshot
        self.dispatches = dispatches
        self.basis = basis.description
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            snapshot: try m.required("snapshot"), dispatches: try m.required("dispatches"), basis: try m.publicText("basis"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("snapshot", snapshot)
        o.member("dispatches", dispatches)
        o.member("basis", basis)
    }
}
