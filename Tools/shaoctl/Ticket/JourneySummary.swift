import Contracts
import EventLoop
import JSON
import Telemetry

/// What is left to tell when the journey is over: who was told, what the figures say, where the resident looks.
struct JourneySummary: Sendable {
    let context: JourneyContext
    let receipt: Resident.Receipt
    let street: String
    let trace: TraceContext
    /// Evaluated tickets before this one.
    let before: Int64?

    func tell(after time: Duration) async throws {
        let deliveries = try await deliveries()
        let figures = try await figures()
        let page = context.environment.gateway + receipt.statusPath
        if context.speaksJSON {
            let members: [(String, JSONValue)] = [
                ("ticket", .string(receipt.ticket.description)), ("trace", .string(trace.traceIDText)), ("status_page", .string(page)),
                ("deliveries", .array(deliveries)), ("figures", figures ?? .null), ("ms", .int(Hop.milliseconds(time))),
            ]
            context.terminal.say(String(decoding: JSONValue.object(members.map { JSONValue.Member($0.0, $0.1) }).json, as: UTF8.self))
            return
        }
        let terminal = context.terminal
        terminal.say("\n\(terminal.styled("告知 told", .bold))  \(deliveries.isEmpty ? "nobody: no address is known for this ticket" : "")")
        for delivery in deliveries { terminal.say("  " + Self.line(delivery)) }
        terminal.say("\(terminal.styled("治慧 figures", .bold))  \(figures.map(Figures.line) ?? "analytics has none yet")")
        terminal.say("\(terminal.styled("trace", .bold))  \(trace.traceIDText)")
        terminal.say("\(terminal.styled("状态页 status page", .bold))  \(terminal.styled(page, .cyan))")
        terminal.say(terminal.styled("一件事，从上报到评价 \(Hop.seconds(time)) s", .green))
    }

    /// All of this ticket's, once none is under way any more; what there is when that takes too long.
    private func deliveries() async throws -> [JSONValue] {
        let deadline = ContinuousClock.now + context.patience / 2
        while true {
            let answer = try await context.gateway.json("/v1/deliveries?ticket=\(receipt.ticket)", token: street)
            var list: [JSONValue] = []
            if case .array(let found)? = answer?["deliveries"] { list = found }
            let isSettled = list.allSatisfy { $0["state"]?.text != "queued" && $0["state"]?.text != "sending" }
            if isSettled && !list.isEmpty || ContinuousClock.now >= deadline { return list }
            try await EventLoop.shared.sleep(for: .milliseconds(200))
        }
    }

    /// The street's, once this ticket's evaluation is among them.
    private func figures() async throws -> JSONValue? {
        let deadline = ContinuousClock.now + context.patience
        while true {
            let answer = try await context.gateway.json("/v1/rates/overview", token: street)
            if let answer, let count = Figures.evaluated(answer), count > before ?? 0 { return answer }
            if ContinuousClock.now >= deadline { throw Stop.failed("hop “figures”: analytics does not count the evaluation") }
            try await EventLoop.shared.sleep(for: .milliseconds(100))
        }
    }

    private static func line(_ delivery: JSONValue) -> String {
        func text(_ name: String) -> String { delivery[name]?.text ?? "—" }
        let attempts = delivery["attempts"]?.integer.map { "\($0)×" } ?? ""
        return Columns.pad(text("type"), to: 24) + Columns.pad(text("audience"), to: 14) + Columns.pad(text("channel"), to: 10)
            + Columns.pad(text("state"), to: 10) + attempts + (delivery["trouble"]?.text.map { "  \($0)" } ?? "")
    }
}

/// Analytics' numbers, as far as they are shown here.
enum Figures {
    /// How many tickets were evaluated; nil while analytics does not answer.
    static func evaluated(_ gateway: Gateway, token: String) async throws -> Int64? {
        try await gateway.json("/v1/rates/overview", token: token).flatMap(evaluated)
    }

    static func evaluated(_ overview: JSONValue) -> Int64? { overview["total"]?["resolution"]?["n"]?.integer }

    static func line(_ overview: JSONValue) -> String {
        let total = overview["total"]
        let rates = [("响应", "response"), ("解决", "resolution"), ("满意", "satisfaction")].map { word, name in
            "\(word)率 \(percent(total?[name]?["rate"])) (\(total?[name]?["count"]?.integer ?? 0)/\(total?[name]?["n"]?.integer ?? 0))"
        }
        return (rates + ["工单 \(total?["tickets"]?.integer ?? 0)"]).joined(separator: "  ")
    }

    private static func percent(_ rate: JSONValue?) -> String {
        let share: Double? =
            switch rate {
            case .number(let value)?: value
            case .int(let value)?: Double(value)
            default: nil
            }
        guard let share, share.isFinite, share.magnitude <= 1 else { return "—" }
        let tenths = Int((share * 1000).rounded())
        return "\(tenths / 10).\(tenths % 10) %"
    }
}
