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
    public var party: Party
    public var contacted: Contacted
    public var solved: Solved
    public var satisfied: Satisfied
    /// Why not, as codes of the form's list.
    public var reasons: [ReasonCode]
    // What they say besides stays where it was said: nobody who hears of an evaluation reads it.
    public var community: AreaCode
    /// The unit that led, when one did.
    public var department: DepartmentCode?

    public init(
        evaluation: EvaluationID, ticket: TicketID, number: TicketNumber, party: Party, contacted: Contacted,
        solved: Solved, satisfied: Satisfied, reasons: [ReasonCode], community: AreaCode,
        department: DepartmentCode? = nil
    ) {
        self.evaluation = evaluation
        self.ticket = ticket
        self.number = number
        self.party = party
        self.contacted = contacted
        self.solved = solved
        self.satisfied = satisfied
        self.reasons = reasons
        self.community = community
        self.department = department
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            evaluation: try m.required("evaluation"), ticket: try m.required("ticket"),
            number: try m.required("number"), party: try m.required("party"),
            contacted: try m.required("contacted"), solved: try m.required("solved"),
            satisfied: try m.required("satisfied"), reasons: try m.required("reasons"),
            community: try m.required("community"),
            department: try m.optional("department"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("evaluation", evaluation)
        o.member("ticket", ticket)
        o.member("number", number)
        o.member("party", party)
        o.member("contacted", contacted)
        o.member("solved", solved)
        o.member("satisfied", satisfied)
        o.member("reasons", reasons)
        o.member("community", community)
        o.member("department", department)
    }
}
