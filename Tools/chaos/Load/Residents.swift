import EventLoop
import HTTP
import JSON
import Synchronization

/// People who report and insist: an answer that did not come is asked for again, with the same key and the same words.
final class Residents: Sendable {
    /// Never to be seen outside intake: neither on Kafka, nor in a log, nor in another service's database.
    static let phone = "13900424242"
    static let identity = "310106199003074213"

    private let street: Street
    private let demo: Demo
    private let journal: Journal
    private let chance: Mutex<Chance>
    private let number = Atomic<Int>(0)
    private let seed: UInt64

    init(_ street: Street, _ demo: Demo, _ journal: Journal, seed: UInt64) {
        self.street = street
        self.demo = demo
        self.journal = journal
        self.seed = seed
        chance = Mutex(Chance(seed: seed))
    }

    private struct Report {
        let key: String
        let body: [UInt8]
        /// How often this person asks.
        let patience: Int
    }

    /// One person after the other, until cancelled or told to rest.
    func report(every pause: Duration, while isOn: @Sendable () -> Bool) async {
        while isOn(), (try? await EventLoop.shared.sleep(for: pause)) != nil {
            guard (try? await insist(next())) != nil else { return }
        }
    }

    private func next() -> Report {
        let number = number.wrappingAdd(1, ordering: .relaxed).newValue
        let (chip, roll) = chance.withLock { chance in
            (demo.chips.randomElement(using: &chance) ?? demo.chips[0], Int.random(in: 0..<100, using: &chance))
        }
        // Some name a plate that does not exist: those must never become a ticket.
        let plate = roll < 4 ? "ZZZZZZZZ" : chip.plate
        let contact = roll % 2 == 0 ? #","contact":{"phone":"\#(Self.phone)"}"# : ""
        let words = "第 \(number) 件，打\(Self.phone)找我，身份证\(Self.identity)"
        let body = #"{"channel":"plate","plate":"\#(plate)","category":"\#(chip.category)","text":"\#(words)"\#(contact)}"#
        // Some give up at once: their reports may exist or not.
        return Report(key: key(number), body: Array(body.utf8), patience: roll % 10 == 9 ? 1 : 60)
    }

    /// Shaped as a random UUID: any other text is kept only as a hash of it and its sender's address, and could not be looked for.
    private func key(_ number: Int) -> String {
        func last(_ count: Int, _ digits: String) -> String { String((String(repeating: "0", count: count) + digits).suffix(count)) }
        return "\(last(8, String(seed, radix: 16)))-0000-4000-8000-\(last(12, String(number)))"
    }

    /// The ticket's id once it is accepted; nil when refused or given up. Throws only when the journal cannot be written.
    @discardableResult
    private func insist(_ report: Report) async throws -> String? {
        for _ in 0..<report.patience {
            if let answer = try await ask(.report, report.key, "intake", "/v1/tickets", report.body) {
                if answer.status == 201 { return answer.id }
                if answer.status < 500 && answer.status != 429 { return nil }
            }
            guard (try? await EventLoop.shared.sleep(for: .milliseconds(150))) != nil else { return nil }
        }
        return nil
    }

    /// A report of ours that waits until it is accepted; answers its ticket.
    func probe(within limit: Duration) async throws -> String {
        let number = number.wrappingAdd(1, ordering: .relaxed).newValue
        // 灯不亮: straight out to a department, so that every service hears of it.
        let chip = demo.chips.first { $0.category == "P01024" } ?? demo.chips[0]
        let body =
            #"{"channel":"plate","plate":"\#(chip.plate)","category":"\#(chip.category)","text":"probe \#(number)","contact":{"phone":"\#(Self.phone)"}}"#
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let answer = try await ask(
                .report, key(number), "intake", "/v1/tickets", Array(body.utf8), timeout: .milliseconds(1500))
            if let answer, answer.status == 201, let id = answer.id { return id }
            if let answer, answer.status < 500 { throw Failure("a probe was refused with \(answer.status)") }
            try await EventLoop.shared.sleep(for: .milliseconds(15))
        }
        throw Failure("no report was accepted within \(limit.seconds) s")
    }

    /// One request with its lines in the journal; nil when no answer came.
    func ask(
        _ kind: Journal.Kind, _ key: String, _ service: String, _ path: String, _ body: [UInt8], about: String? = nil,
        timeout: Duration = .seconds(5)
    ) async throws -> (status: Int, id: String?)? {
        var request = HTTPClient.Request.post("http://127.0.0.1:\(street[service].httpPort)\(path)", body)
        request.headers.append((name: "idempotency-key", value: key))
        request.timeout = timeout
        try journal.asking(kind, key, about: about)
        guard let answer = try? await street.client.send(request) else {
            try journal.answered(key, status: nil, id: nil)
            return nil
        }
        let content = try? JSONReader.decode(JSONValue.self, from: answer.body)
        let id = content?["id"]?.text ?? content?["evaluation"]?.text
        try journal.answered(key, status: answer.status, id: id)
        return (answer.status, id)
    }
}
