import Contracts
import Crypto
import EventLoop
import JSON
import Telemetry

/// The hops of one ticket, in their order. Each is done, then waited for at the API, then printed with its event.
struct Journey: Sendable {
    static let lead = "ludeng"
    static let coHandler = "gongdian"
    /// 其他: what no chip names stays with the community, so that there is something to whistle for.
    private static let category = "E99999"

    let context: JourneyContext
    let lamp: DemoFiles.Plate
    let trace: TraceContext
    private let start = ContinuousClock.now

    init(context: JourneyContext, lamp: DemoFiles.Plate, trace: TraceContext) {
        self.context = context
        self.lamp = lamp
        self.trace = trace
    }

    func play() async throws {
        let community = try context.environment.token(lamp.staff)
        let street = try context.environment.token("street")
        let before = try await Figures.evaluated(context.gateway, token: street)
        let receipt = try await report()
        let ticket = receipt.ticket.description
        try await expect("建案", "opened", "routing", receipt, event: "case.opened.v1") { $0["case"]?["state"] != nil }
        try await say("accept") { try await context.staff.accept(ticket, token: community) }
        try await expect("立案", "filed", lamp.staff, receipt, event: "case.filed.v1") { Self.state($0) == .filed }
        try await say("whistle") {
            try await context.staff.whistle(ticket, .tough, reason: "灯杆与电缆归两家管，社区动不了。", token: community)
        }
        try await expect("吹哨", "whistled", lamp.staff, receipt, event: "case.whistled.v1") { Self.state($0) == .whistled }
        try await say("dispatch") {
            try await context.staff.dispatch(
                ticket, lead: Self.lead, coHandlers: [Self.coHandler], basis: "《城市照明管理规定》；路灯所主办，供电协办。", token: street)
        }
        try await expect("派单", "dispatched", "street", receipt, event: "case.dispatched.v1") { Self.state($0) == .dispatched }
        try await departments(receipt, street)
        try await say("verify") { try await context.staff.verify(ticket, ending: nil, text: "现场看过，灯亮了。", token: community) }
        try await expect("核查", "verified", lamp.staff, receipt, event: "case.verified.v1") { Self.state($0) == .closed }
        try await expect("办结", "closed", lamp.staff, receipt, event: "case.closed.v1") { Self.state($0) == .closed }
        try await evaluate(receipt)
        try await JourneySummary(context: context, receipt: receipt, street: street, trace: trace, before: before).tell(after: .now - start)
    }

    // MARK: The resident

    private func report() async throws -> Resident.Receipt {
        let form = try await context.resident.scan(lamp.code)
        let seed = SystemRandom.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        if !context.speaksJSON { context.terminal.say(context.terminal.styled(Hop.header, .bold)) }
        show(Hop("扫码", "scanned", who: "resident 居民", nil))
        let receipt = try await context.resident.report(
            lamp.code, form: form, category: Self.category, text: "灯时亮时灭，灯杆上的线也垂下来了。", phone: "13800000000", photo: Picture.lamp(seed: seed)
        )
        try await expect("上报", "reported", "resident 居民", receipt, event: "ticket.submitted.v1") { $0["number"] != nil }
        return receipt
    }

    private func evaluate(_ receipt: Resident.Receipt) async throws {
        let deadline = ContinuousClock.now + context.patience
        let path = try await until("evaluated", deadline, "the status page shows no link to the evaluation") {
            try await context.resident.evaluationPath(receipt)
        }
        _ = try await until("evaluated", deadline, "voting does not take the evaluation") { () -> Bool? in
            let isTaken = try await context.resident.evaluate(path, contacted: .yes, solved: .yes, satisfied: .very, text: "当天就修好了，谢谢。")
            return isTaken ? true : nil
        }
        try await expect("评价", "given", "resident 居民", receipt, event: "evaluation.given.v1") { _ in true }
        try await expect("一事一评", "evaluated", "routing", receipt, event: "case.evaluated.v1") { Self.state($0) == .evaluated }
    }

    // MARK: The departments

    private func departments(_ receipt: Resident.Receipt, _ street: String) async throws {
        var calls: [(department: DepartmentCode, call: Heard)] = []
        for code in [Self.lead, Self.coHandler] {
            let deadline = ContinuousClock.now + context.patience
            let subject = receipt.ticket.description
            guard let department = DepartmentCode(code),
                let call = try await context.listener.first(
                    until: deadline, { $0.type == "dispatch.called.v1" && $0.subject == subject && $0.department == code })
            else { throw Stop.failed("hop “called”: \(code) heard nothing within \(context.patience)") }
            show(Hop(code == Self.lead ? "主办" : "协办", "called", who: who(code), call))
            calls.append((department, call))
        }
        for (department, call) in calls {
            if context.playsDepartments, let dispatch = dispatch(call) {
                let signed = FeedbackSigned(dispatch: dispatch, ticket: receipt.ticket)
                try await context.departments.say(signed, of: context.demo.topics(of: department), trace: call.trace)
            }
            try await staffSee("signed", department, receipt, street, "signedAt")
            try await expect("签收", "signed", who(department.description), receipt, event: "case.signed.v1", of: department) { _ in true }
        }
        for (department, call) in calls {
            if context.playsDepartments, let dispatch = dispatch(call) {
                let done = FeedbackCompleted(dispatch: dispatch, ticket: receipt.ticket, text: "已到场处理，线路归位，灯已恢复。")
                try await context.departments.say(done, of: context.demo.topics(of: department), trace: call.trace)
            }
            try await staffSee("completed", department, receipt, street, "completedAt")
            try await expect("办理", "completed", who(department.description), receipt, event: "case.completed.v1", of: department) { _ in
                true
            }
        }
        _ = try await until("answered", .now + context.patience, "not all units are done") {
            try await context.resident.ticket(receipt).flatMap { Self.state($0) == .answered ? true : nil }
        }
        let done = context.listener.all.filter { $0.type == "case.completed.v1" && $0.subject == receipt.ticket.description }
        show(Hop("处理反馈", "answered", who: lamp.staff, done.max { $0.seq ?? 0 < $1.seq ?? 0 }))
    }

    /// Until routing shows the department's call with that moment.
    private func staffSee(
        _ hop: String, _ department: DepartmentCode, _ receipt: Resident.Receipt, _ street: String, _ moment: String
    ) async throws {
        let trouble = "routing does not show \(moment) of \(department); its answer may lie on feedback.\(department).v1-dlt"
        _ = try await until(hop, .now + context.patience, trouble) { () -> Bool? in
            guard case .array(let calls)? = try await context.gateway.json("/v1/cases/\(receipt.ticket)", token: street)?["dispatches"]
            else { return nil }
            return calls.contains { $0["department"]?.text == department.description && $0[moment]?.text != nil } ? true : nil
        }
    }

    private func dispatch(_ call: Heard) -> DispatchID? { call.data["dispatch"]?.text.flatMap { DispatchID($0) } }

    private func who(_ department: String) -> String { "\(department) \(context.demo.name(of: department))" }

    // MARK: Waiting

    /// Does a step of the staff. A refusal names its hop.
    private func say(_ hop: String, _ act: () async throws -> Void) async throws {
        do { try await act() } catch let refusal as Refused { throw Stop.failed("hop “\(hop)”: \(refusal)") }
    }

    /// Waits until the resident's API shows it and the event was heard, then prints the hop.
    private func expect(
        _ word: String, _ code: String, _ who: String, _ receipt: Resident.Receipt, event type: String,
        of department: DepartmentCode? = nil, _ holds: (JSONValue) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + context.patience
        let subject = receipt.ticket.description
        _ = try await until(code, deadline, "the API does not show it") {
            try await context.resident.ticket(receipt).flatMap { holds($0) ? true : nil }
        }
        let event = try await context.listener.first(until: deadline) { heard in
            heard.type == type && heard.subject == subject && (department == nil || heard.department == department?.description)
        }
        guard let event else { throw Stop.failed("hop “\(code)”: \(type) did not come on Kafka within \(context.patience)") }
        show(Hop(word, code, who: who, event))
    }

    /// Asks again, ever less often, until there is an answer. Throws a `Stop` that names the hop.
    private func until<Value>(
        _ hop: String, _ deadline: ContinuousClock.Instant, _ trouble: String, _ ask: () async throws -> Value?
    ) async throws -> Value {
        var pause = Duration.milliseconds(5)
        while ContinuousClock.now < deadline {
            if let answer = try await ask() { return answer }
            try await EventLoop.shared.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(200))
        }
        throw Stop.failed("hop “\(hop)” did not come within \(context.patience): \(trouble)")
    }

    private func show(_ hop: Hop) {
        let time = ContinuousClock.now - start
        context.terminal.say(
            context.speaksJSON ? String(decoding: hop.json(after: time).json, as: UTF8.self) : hop.text(after: time, context.terminal))
    }

    private static func state(_ ticket: JSONValue) -> CaseState? { ticket["state"]?.text.flatMap { CaseState(rawValue: $0) } }
}
