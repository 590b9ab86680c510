public import JSON

extension Topics {
    /// What people think of how a case went. Owner: voting. Key: ticket. 12 partitions, 14 days.
    public static let evaluations = internalTopic("evaluations.v1", .voting, readers: [.routing, .analytics])

    static let evaluationEvents: [EventKind] = [
        EventKind(EvaluationGiven.self)
    ]
}

/// Somebody has evaluated a case 一事一评.
public struct EvaluationGiven: Event, Hashable {
    public static var topic: Topic { Topics.evaluations }
    public static var type: String { "evaluation.given" }
    public var subject: String { ticket.description }

    public var evaluation: EvaluationID
    public var ticket: TicketID
    public var number: TicketNumber
    /// The case whose work it is about: the ticket's own, or the one that the ticket was merged into.
    public var work: TicketID
    /// Who says so: who reported, or for whom the staff asked by telephone.
    public var by: Actor
    public var party: Party { by.kind == .resident ? .resident : .staff }
    public var contacted: Contacted
    public var solved: Solved
    public var satisfied: Satisfied
    /// Why not, as codes of the form's list.
    public var reasons: [ReasonCode]
    // What they say besides stays where it was said: nobody who hears of an evaluation reads it.
    /// The smallest area that is sure: the community the place lies in, else its street.
    public var area: AreaCode
    /// The unit that led, when one did.
    public var department: DepartmentCode?

    public init(
        evaluation: EvaluationID, ticket: TicketID, number: TicketNumber, work: TicketID, by: Actor,
        contacted: Contacted, solved: Solved, satisfied: Satisfied, reasons: [ReasonCode], area: AreaCode,
        department: DepartmentCode? = nil
    ) {
        self.evaluation = evaluation
        self.ticket = ticket
        self.number = number
        self.work = work
        self.by = by
        self.contacted = contacted
        self.solved = solved
        self.satisfied = satisfied
        self.reasons = reasons
        self.area = area
        self.department = department
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            evaluation: try m.required("evaluation"), ticket: try m.required("ticket"),
            number: try m.required("number"), work: try m.required("work"), by: try m.required("by"),
            contacted: try m.required("contacted"), solved: try m.required("solved"),
            satisfied: try m.required("satisfied"), reasons: try m.required("reasons"),
            area: try m.area(),
            department: try m.optional("department"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("evaluation", evaluation)
        o.member("ticket", ticket)
        o.member("number", number)
        o.member("work", work)
        o.member("by", by)
        o.member("contacted", contacted)
        o.member("solved", solved)
        o.member("satisfied", satisfied)
        o.member("reasons", reasons)
        o.member(area: area)
        o.member("department", department)
    }
}
