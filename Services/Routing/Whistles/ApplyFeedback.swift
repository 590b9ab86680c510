import Contracts
import EventLog
import JSON
import Postgres
import Telemetry

/// What a department answers on `feedback.<dept>.v1`, or on the topic that small units share. Repeated words are dropped without one; everything else that does not
/// fit is refused with a stable code and lies on the dead-letter topic for people to see.
struct ApplyFeedback: Sendable {
    let execute: ExecuteCaseCommand
    let damaged: DamagedCases

    /// A record as far as its form is concerned.
    struct Record: Sendable {
        let topic: String
        /// `feedback.signed.v1`
        let type: String
        let subject: String?
        let key: [UInt8]?
        let payload: [UInt8]
        let trace: TraceContext?
    }

    /// What it says.
    struct Word: Sendable {
        let dispatch: DispatchID
        let ticket: TicketID
        /// Who says that it speaks.
        let department: DepartmentCode?
        let action: any UnitAction
    }

    func handle(_ event: ForeignEvent, _ transaction: inout PostgresTransaction) async throws {
        try await take(
            Record(
                topic: event.topic, type: event.type, subject: event.subject, key: event.key, payload: event.payload,
                trace: event.trace),
            &transaction)
    }

    func take(_ record: Record, _ transaction: inout PostgresTransaction) async throws {
        let (word, department) = try read(record)
        guard let file = try await file(of: word.dispatch, &transaction), let dispatch = file.serviceCase.dispatch(word.dispatch) else {
            throw ForeignRefusal("unknown-dispatch", "there is no dispatch \(word.dispatch)")
        }
        // Who was not called learns nothing about the case.
        guard dispatch.department == department else {
            throw ForeignRefusal("not-your-dispatch", "dispatch \(word.dispatch) was given to another department")
        }
        guard file.serviceCase.id == word.ticket else {
            throw ForeignRefusal("other-ticket", "dispatch \(word.dispatch) belongs to another ticket")
        }
        if file.report.foreign(among: word.action.photos) != nil {
            throw ForeignRefusal("no-such-photo", "the case has no such photo")
        }
        do {
            try TraceContext.$current.withValue(record.trace ?? TraceContext.current) {
                _ = try execute.perform(word.action, by: Actor(.department(department)), on: file, in: &transaction)
            }
            CrashPoint.pass(.routingMidFeedback)
        } catch let refusal as CaseRefusal {
            guard refusal.isReplay, try await repeats(word, of: department, &transaction) else {
                throw ForeignRefusal(refusal.code, refusal.english)
            }
        }
    }

    /// The case of an order, locked.
    private func file(of dispatch: DispatchID, _ transaction: inout PostgresTransaction) async throws -> CaseFile? {
        do { return try await transaction.lockCases(.dispatch(dispatch)).first?.file } catch let damage as CaseDamaged {
            damaged.report(damage)
            throw ForeignRefusal("case-damaged", "the case cannot be read; send the word again when it was mended")
        }
    }

    /// A unit that says once more that it has completed repeats itself, unless it says something else: that must not vanish.
    private func repeats(_ word: Word, of department: DepartmentCode, _ transaction: inout PostgresTransaction) async throws -> Bool {
        guard let completion = word.action as? Complete else { return true }
        let said = NoteQueries.completed(word.ticket, by: department, completion.text)
        return try await transaction.query(said) { row in try row["said"] as Bool }.first == true
    }

    // MARK: Form

    /// What is said, and who may be believed to say it.
    private func read(_ record: Record) throws(ForeignRefusal) -> (Word, DepartmentCode) {
        let word: Word
        let speaker: DepartmentTopics
        switch Topics.named(record.topic)?.kind {
        case .feedback(let department?)?:
            word = try Self.word(record)
            guard word.department == nil || word.department == department else {
                throw ForeignRefusal("other-department", "on this topic \(department) speaks, and nobody else")
            }
            speaker = DepartmentTopics(department)
        case .sharedFeedback?:
            word = try Self.word(record)
            guard let department = word.department else {
                throw ForeignRefusal("department-missing", "on a shared topic the member department says who speaks")
            }
            speaker = execute.city.now.directory.topics(of: department)
            // Whoever may write here may not speak for a department that has a topic of its own.
            guard speaker.isShared else {
                throw ForeignRefusal("not-a-shared-department", "\(department) does not share this topic")
            }
        default: throw ForeignRefusal("not-a-feedback-topic", "\(record.topic) is no feedback topic")
        }
        // With another key, what must keep its order would lie in several partitions.
        guard let key = record.key, key.elementsEqual(speaker.key(word.ticket).utf8) else {
            throw speaker.isShared
                ? ForeignRefusal("key-not-department", "on a shared topic the record's key must be the department's code")
                : ForeignRefusal("key-not-ticket", "the record's key must be the ticket's id")
        }
        if let subject = record.subject, subject != word.ticket.description {
            throw ForeignRefusal("subject-not-ticket", "the subject must be the ticket's id")
        }
        return (word, speaker.department)
    }

    static func word(_ record: Record) throws(ForeignRefusal) -> Word {
        guard let kind = EventRegistry.kind(of: record.type), case .feedback = kind.topic.kind else {
            throw ForeignRefusal("unknown-type", "this topic takes feedback.signed, .arrived, .disputed, .progress and .completed")
        }
        let event: any Event
        do {
            event = try kind.decode(record.payload, unknown: .refuse)
        } catch {
            let malformed: Set<JSONError.Code> = [.syntax, .utf8, .depth, .duplicateMember]
            throw ForeignRefusal(malformed.contains(error.code) ? "bad-json" : "invalid", "\(error)")
        }
        guard let said = event as? any FeedbackEvent, let action = action(said) else { throw ForeignRefusal("unknown-type", "no feedback") }
        return Word(dispatch: said.dispatch, ticket: said.ticket, department: said.department, action: action)
    }

    private static func action(_ event: any FeedbackEvent) -> (any UnitAction)? {
        switch event {
        case let event as FeedbackSigned: SignFor(order: event.dispatch)
        case let event as FeedbackArrived: ConfirmArrival(order: event.dispatch)
        case let event as FeedbackDisputed:
            RaiseDispute(order: event.dispatch, ground: event.ground, text: PublicText(scrubbing: event.text))
        case let event as FeedbackProgressed: ReportProgress(order: event.dispatch, text: PublicText(scrubbing: event.text))
        case let event as FeedbackCompleted:
            Complete(order: event.dispatch, text: PublicText(scrubbing: event.text), photos: event.photos, ending: event.ending)
        default: nil
        }
    }
}
