public import Contracts
public import EventLoop
import JSON
public import Kafka
import Synchronization
public import Telemetry

/// What a department's client is told at start.
public struct DepartmentOptions: Sendable {
    /// Departments it speaks for.
    public var departments: [DepartmentTopics]
    /// From the call to "done"; zero completes at once.
    public var delay: Duration = .zero
    /// Disputes every n-th call; 0 never does.
    public var disputeEvery = 0
    /// Consumer group: two clients of one group share the work, two groups both do it.
    public var group: String

    public init(departments: [DepartmentTopics]) {
        self.departments = departments
        // What a department's user of a shared broker may call its groups.
        group = departments.first.map { "\($0.department.brokerUser).client" } ?? "department"
    }
}

/// A department: hears that it is called, signs, works for a while, says that it is done; now and then it says that a matter
/// is not its own. Needs nothing of Shao but Kafka and the contracts.
///
/// Safe against repeats on both sides: the id of each answer is made from the id of the call, so an answer sent twice is one
/// answer; and offsets are stored only when everything they stand for has been answered.
public final class DepartmentClient: Sendable {
    /// How many answers of each kind were given.
    public struct Tally: Sendable {
        public var called = 0, signed = 0, completed = 0, disputed = 0, recalled = 0, unreadable = 0
    }

    private let kafka: KafkaConfiguration
    private let options: DepartmentOptions
    private let loop: EventLoop
    private let log: Log
    private let tallied = Mutex(Tally())

    public init(_ kafka: KafkaConfiguration, options: DepartmentOptions, on loop: EventLoop = .shared, log: Log = Log("department")) {
        self.kafka = kafka
        self.options = options
        self.loop = loop
        self.log = log
    }

    public var tally: Tally { tallied.withLock { $0 } }

    /// Works until the task is cancelled. Throws when a record cannot be sent; nothing of it is then stored as done.
    public func run() async throws {
        var settings = kafka
        settings["auto.offset.reset"] = "earliest"
        let consumer = try KafkaConsumer(
            settings, group: options.group, topics: Set(options.departments.map(\.dispatch.name)).sorted(), on: loop, log: log)
        let producer = try KafkaProducer(kafka, on: loop, log: log)
        do {
            try await work(consumer, producer)
        } catch is CancellationError {
        } catch let error as KafkaError where Task.isCancelled || error.code == .cancelled {
        }
        await consumer.close()
        await producer.close()
    }

    /// A batch of calls whose work is not done yet.
    private struct Work {
        let due: ContinuousClock.Instant
        let batch: KafkaBatch
        /// By dispatch, in the order of the calls.
        var completions: [(dispatch: DispatchID, record: KafkaRecord)] = []
    }

    private func work(_ consumer: KafkaConsumer, _ producer: KafkaProducer) async throws {
        var pending: [Work] = []
        var disputed: Set<DispatchID> = []
        while !Task.isCancelled {
            let until = pending.first?.due ?? .now + .seconds(5)
            guard let batch = try await consumer.nextBatch(until: until) else { return }
            if !batch.isEmpty {
                var work = Work(due: .now + options.delay, batch: batch)
                var answers: [KafkaRecord] = []
                for message in batch { hear(message, &work, &pending, &disputed, &answers) }
                try await send(answers, producer)
                pending.append(work)
            }
            while let work = pending.first, work.due <= .now {
                pending.removeFirst()
                try await send(work.completions.map(\.record), producer)
                tallied.withLock { $0.completed += work.completions.count }
                try await consumer.store(work.batch)
            }
        }
    }

    private func hear(
        _ message: KafkaMessage, _ work: inout Work, _ pending: inout [Work], _ disputed: inout Set<DispatchID>,
        _ answers: inout [KafkaRecord]
    ) {
        guard let call = Call(message) else { return tallied.withLock { $0.unreadable += 1 } }
        // A shared topic brings the others' calls too.
        guard options.departments.contains(call.department) else { return }
        switch call.event {
        case let event as DispatchCalled:
            let count = tallied.withLock { tally in
                tally.called += 1
                return tally.called
            }
            let wantsOut = options.disputeEvery > 0 && count % options.disputeEvery == 0
            if wantsOut, disputed.insert(event.dispatch).inserted {
                let text = "按职责清单不属本单位(演示)"
                answers.append(
                    call.answer(FeedbackDisputed(dispatch: event.dispatch, ticket: event.ticket, ground: .notOurDuty, text: text)))
                return tallied.withLock { $0.disputed += 1 }
            }
            answers.append(call.answer(FeedbackSigned(dispatch: event.dispatch, ticket: event.ticket)))
            tallied.withLock { $0.signed += 1 }
            let done = FeedbackCompleted(dispatch: event.dispatch, ticket: event.ticket, text: "已到现场处理完毕")
            work.completions.append((event.dispatch, call.answer(done)))
        case let event as DispatchRecalled:
            forget(event.dispatch, &work, &pending)
            tallied.withLock { $0.recalled += 1 }
        case let event as DispatchClosed: forget(event.dispatch, &work, &pending)
        default: break
        }
    }

    private func forget(_ dispatch: DispatchID, _ work: inout Work, _ pending: inout [Work]) {
        work.completions.removeAll { $0.dispatch == dispatch }
        for place in pending.indices { pending[place].completions.removeAll { $0.dispatch == dispatch } }
    }

    private func send(_ records: [KafkaRecord], _ producer: KafkaProducer) async throws {
        for result in try await producer.send(records) { _ = try result.get() }
    }
}

/// A record of `dispatch.<dept>.v1` or of `dispatch.shared.v1`, read as the contracts say.
private struct Call {
    let event: any DispatchEvent
    let id: String
    let department: DepartmentTopics
    let traceparent: String?

    init?(_ message: KafkaMessage) {
        let headers = message.headers.map { (name: $0.name, value: $0.value) }
        guard let value = message.value, let (cloud, data) = try? CloudEvent.parse(headers: headers, value: value),
            let event = try? EventRegistry.kind(of: cloud.type)?.decode(data) as? any DispatchEvent
        else { return nil }
        self.event = event
        department = DepartmentTopics(event.department, isShared: message.topic == Topics.sharedDispatch.name)
        id = cloud.id
        traceparent = cloud.traceparent
    }

    /// The answer's record: its id follows from the call's; its key is the ticket, on a shared topic the department.
    func answer(_ word: some FeedbackEvent) -> KafkaRecord {
        var answer = word
        answer.department = department.department
        let kind = type(of: answer)
        let key = department.key(answer.ticket)
        let cloud = CloudEvent(
            id: "\(id).\(kind.type)", source: "/department/\(department.department)", type: kind.fullType, subject: answer.subject,
            time: .now(), partitionKey: key, traceparent: traceparent)
        return KafkaRecord(
            topic: department.feedback.name, key: Array(key.utf8), value: answer.json,
            headers: cloud.headers.map { KafkaHeader($0.name, $0.value) })
    }
}
