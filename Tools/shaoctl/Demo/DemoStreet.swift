import Contracts
import Crypto
import EventLoop
import JSON
import Kafka
import Synchronization
import Telemetry

/// Everybody of the street at once. Each deed is a task of its own with a human delay before it.
final class DemoStreet: Sendable {
    let tally = Tally()
    private let environment: Environment
    private let demo: DemoFiles
    private let pace: Double
    private let loop: EventLoop
    private let resident: Resident
    private let staff: StaffClient
    private let departments: DepartmentSimulator
    private let tokens: [String: String]
    /// Reports of this run that may still be evaluated, by ticket.
    private let receipts = Mutex<[String: Resident.Receipt]>([:])
    private let deeds = Mutex<(next: Int, tasks: [Int: Task<Void, Never>], ended: Bool)>((0, [:], false))
    /// More would only show that this machine is slow.
    private static let mostDeeds = 2_000

    init(_ environment: Environment, _ demo: DemoFiles, pace: Double, on loop: EventLoop) throws {
        self.environment = environment
        self.demo = demo
        self.pace = pace
        self.loop = loop
        let gateway = try Gateway(base: environment.gateway)
        resident = Resident(gateway: gateway)
        staff = StaffClient(gateway: gateway)
        departments = try DepartmentSimulator(environment.kafka, on: loop)
        var tokens: [String: String] = [:]
        for name in Set(demo.plates.map(\.staff)).union(["street", "district"]) { tokens[name] = try environment.token(name) }
        self.tokens = tokens
    }

    /// Nobody begins anything new; what waits is dropped.
    func stop() {
        let tasks = deeds.withLock { deeds in
            deeds.ended = true
            return Array(deeds.tasks.values)
        }
        for task in tasks { task.cancel() }
    }

    func close() async {
        for task in deeds.withLock({ Array($0.tasks.values) }) { await task.value }
        await departments.close()
    }

    func showTally(on terminal: Terminal) async {
        while (try? await loop.sleep(for: .seconds(1))) != nil { terminal.refresh(tally.text) }
    }

    // MARK: Residents

    func report(rate: Double) async {
        let pause = Duration.milliseconds(Int64(1000 / rate))
        while (try? await loop.sleep(for: pause)) != nil {
            let street = self
            after(0...0) { try await street.reportOne() }
        }
    }

    private func reportOne() async throws {
        guard let plate = demo.plates.randomElement(), let chip = plate.chips.randomElement() else { return }
        let photo = Int.random(in: 0..<4) == 0 ? Picture.lamp(seed: .random(in: 0...1_000)) : nil
        let receipt = try await TraceContext.$current.withValue(TraceContext.root()) {
            try await resident.report(
                plate.code, form: try await resident.scan(plate.code), category: chip.category,
                text: DemoTexts.reports.randomElement() ?? "", photo: photo)
        }
        tally.add(.reported)
        receipts.withLock { $0[receipt.ticket.description] = receipt }
    }

    private func evaluate(_ ticket: String) {
        guard let receipt = receipts.withLock({ $0[ticket] }), Int.random(in: 0..<10) < 8 else { return }
        let street = self
        let isUnsolved = Int.random(in: 0..<12) == 0
        after(1...6) {
            // Where voting has not heard of the closing, this resident does not come back.
            guard let path = try await street.resident.evaluationPath(receipt) else { return }
            _ = try await street.resident.evaluate(
                path, contacted: Int.random(in: 0..<8) == 0 ? .no : .yes,
                solved: isUnsolved ? .no : Int.random(in: 0..<6) == 0 ? .partly : .yes,
                satisfied: isUnsolved ? .no : [.very, .very, .yes, .yes, .fair].randomElement() ?? .yes,
                text: (isUnsolved ? DemoTexts.complaints : DemoTexts.thanks).randomElement() ?? "")
        }
    }

    // MARK: Staff

    /// What the street's staff do when they see a case move. Called for every event of `cases.v1`.
    func staffActs(on heard: Heard) {
        count(heard.type)
        guard let snapshot = heard.data["snapshot"], let community = snapshot["community"]?.text else { return }
        let (ticket, street) = (heard.subject, self)
        let staff = "community-\(community.suffix(3))"
        let state = snapshot["state"]?.text.flatMap { CaseState(rawValue: $0) }
        switch heard.type {
        case "case.opened.v1" where state == .reported:
            whoever(1...4, "accept", ticket, [staff, "street"]) { try await street.staff.accept(ticket, token: $0) }
        case "case.filed.v1", "case.refused.v1": handle(ticket, staff)
        case "case.reopened.v1" where state == .filed: handle(ticket, staff)
        case "case.reopened.v1" where state == .whistled, "case.whistled.v1": dispatch(ticket, snapshot["category"]?.text ?? "")
        case "case.disputed.v1":
            let other = heard.department == "chengguan" ? "shizheng" : "chengguan"
            let isUpheld = Int.random(in: 0..<2) == 0
            // The street decides the first dispute, the district what goes further.
            whoever(2...5, "adjudicate", ticket, ["street", "district"]) {
                try await street.staff.adjudicate(
                    ticket, reassignTo: isUpheld ? nil : other, reason: isUpheld ? "属职责范围。" : "管线归该单位。", token: $0)
            }
        case "case.answered.v1" where state == .answered, "case.completed.v1" where state == .answered:
            whoever(1...4, "verify", ticket, [staff, "street"]) {
                try await street.staff.verify(ticket, ending: .solved, text: "现场核查属实。", token: $0)
            }
        case "case.closed.v1": evaluate(ticket)
        default: break
        }
    }

    private func handle(_ ticket: String, _ staff: String) {
        let street = self
        if Int.random(in: 0..<10) < 6 {
            whoever(2...8, "answer", ticket, [staff, "street"]) {
                try await street.staff.answer(ticket, text: DemoTexts.answers.randomElement() ?? "", ending: .solved, token: $0)
            }
        } else {
            whoever(1...5, "whistle", ticket, [staff]) {
                let kind: WhistleKind = [.daily, .daily, .daily, .tough, .emergency].randomElement() ?? .daily
                try await street.staff.whistle(ticket, kind, reason: DemoTexts.whistles.randomElement() ?? "", token: $0)
            }
        }
    }

    private func dispatch(_ ticket: String, _ category: String) {
        let street = self
        let units = demo.units[category] ?? (demo.departments.keys.randomElement() ?? "chengguan", [])
        whoever(1...4, "dispatch", ticket, ["street"]) {
            try await street.staff.dispatch(ticket, lead: units.lead, coHandlers: units.coHandlers, basis: "按派单目录", token: $0)
        }
    }

    /// The first of them whose staff offers it does it; where none does, somebody else was quicker.
    private func whoever(
        _ seconds: ClosedRange<Double>, _ verb: String, _ ticket: String, _ names: [String],
        _ deed: @escaping @Sendable (_ token: String) async throws -> Void
    ) {
        let (staff, tokens) = (staff, names.compactMap { self.tokens[$0] })
        after(seconds) {
            for token in tokens where try await staff.offers(verb, ticket, token: token) { return try await deed(token) }
        }
    }

    private func count(_ type: String) {
        switch type {
        case "case.filed.v1": tally.add(.filed)
        case "case.answered.v1": tally.add(.selfSolved)
        case "case.whistled.v1": tally.add(.whistled)
        case "case.dispatched.v1": tally.add(.dispatched)
        case "case.signed.v1": tally.add(.signed)
        case "case.disputed.v1": tally.add(.disputed)
        case "case.completed.v1": tally.add(.completed)
        case "case.closed.v1": tally.add(.closed)
        case "case.evaluated.v1": tally.add(.evaluated)
        case "case.reopened.v1": tally.add(.reopened)
        default: break
        }
    }

    // MARK: Departments

    /// Twelve departments hear their calls until the consumer is closed.
    func answerCalls(_ consumer: KafkaConsumer) async {
        while true {
            do {
                guard let batch = try await consumer.nextBatch() else { return }
                for heard in batch.compactMap({ Heard($0) }) where heard.type == "dispatch.called.v1" { answer(heard) }
                try await consumer.store(batch)
            } catch {
                if error.code != .cancelled { tally.trouble("Kafka: \(error)") }
                return
            }
        }
    }

    private func answer(_ call: Heard) {
        guard let dispatch = call.data["dispatch"]?.text.flatMap({ DispatchID($0) }), let ticket = TicketID(call.subject),
            let department = call.department.flatMap({ DepartmentCode($0) })
        else { return }
        let street = self
        if Int.random(in: 0..<15) == 0 {
            after(1...3) {
                let ground = DemoTexts.grounds.randomElement() ?? .notOurDuty
                let word = FeedbackDisputed(dispatch: dispatch, ticket: ticket, ground: ground, text: "请核实管辖单位。")
                try await street.departments.say(word, of: street.demo.topics(of: department), trace: call.trace)
            }
            // Upheld or not, the duty goes on: who was kept signs after the ruling, and a stranger's word is refused.
            after(8...12) { try await street.work(dispatch, ticket, department, call.trace) }
            return
        }
        after(1...4) { try await street.work(dispatch, ticket, department, call.trace) }
    }

    private func work(_ dispatch: DispatchID, _ ticket: TicketID, _ department: DepartmentCode, _ trace: TraceContext?) async throws {
        try await departments.say(FeedbackSigned(dispatch: dispatch, ticket: ticket), of: demo.topics(of: department), trace: trace)
        let street = self
        after(2...8) {
            let done = FeedbackCompleted(dispatch: dispatch, ticket: ticket, text: DemoTexts.completions.randomElement() ?? "已处理。")
            try await street.departments.say(done, of: street.demo.topics(of: department), trace: trace)
        }
    }

    // MARK: Time

    /// Does something after so many seconds. What fails is counted, never repeated.
    private func after(_ seconds: ClosedRange<Double>, _ deed: @escaping @Sendable () async throws -> Void) {
        let delay = Duration.milliseconds(Int64(Double.random(in: seconds) * 1000 / pace))
        deeds.withLock { deeds in
            guard !deeds.ended, deeds.tasks.count < Self.mostDeeds else { return }
            let number = deeds.next
            deeds.next += 1
            deeds.tasks[number] = Task(executorPreference: loop) { [self] in
                do {
                    try await loop.sleep(for: delay)
                    try await deed()
                } catch is CancellationError {
                } catch {
                    if !Task.isCancelled { tally.trouble("\(error)") }
                }
                _ = self.deeds.withLock { $0.tasks.removeValue(forKey: number) }
            }
        }
    }
}
