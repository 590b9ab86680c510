import Channels
import Contracts
import EventLog
import JSON
import Postgres

/// Makes one attempt at one claimed delivery: finds the address, renders the message, hands it over.
struct Courier: Sendable {
    let pool: PostgresPool
    let book: RecipientBook
    let contacts: AskContact
    let outlets: Outlets
    let pages: PageAddresses
    /// The service that says the events we pass on: `/street/…/routing`.
    let source: String
    /// What messages call the street.
    let street: String

    func carry(_ claim: Claim) async -> Attempt {
        guard let kind = EventRegistry.kind(of: claim.type), let event = try? kind.decode(claim.payload) as? any CaseEvent,
            let template = Template.of(claim.template)
        else { return .refused("unreadable") }
        do {
            return claim.isForResident
                ? try await toResident(claim, event, template) : try await toDesk(claim, event, template)
        } catch {
            // Nothing has left: all that can fail here comes before the handing over.
            return .later("database")
        }
    }

    private func toResident(_ claim: Claim, _ event: any CaseEvent, _ template: Template) async throws -> Attempt {
        let names = try await names(for: event)
        switch await contacts.ask(claim.ticket, purpose: claim.template) {
        case .noAnswer: return .held("contact-unavailable")
        case .nobody: return .skipped("no-contact")
        case .phone(let phone):
            guard try await isOurs(claim) else { return .skipped("lease-ended") }
            let message = message(claim, event, template, to: phone, .zhHans, names)
            return await outlets.send(message, by: claim.channel, terms: nil)
        }
    }

    private func toDesk(_ claim: Claim, _ event: any CaseEvent, _ template: Template) async throws -> Attempt {
        guard let recipient = book.recipient(key: claim.recipient) else { return .refused("address-removed") }
        var message = message(claim, event, template, to: recipient.address, recipient.language, try await names(for: event))
        if claim.channel == .webhook {
            // The same event by whatever way it comes: receivers drop doubles by its id.
            message.id = claim.event.description
            message.body = cloudEvent(claim)
            message.bodyType = CloudEvent.structuredType
        }
        guard try await isOurs(claim) else { return .skipped("lease-ended") }
        return await outlets.send(message, by: claim.channel, terms: recipient.webhook)
    }

    /// Asked last: another process may have taken a claim over whose lease has ended.
    private func isOurs(_ claim: Claim) async throws -> Bool {
        try await !pool.query(DeliveryQueries.isOurs(claim), as: Int.self).isEmpty
    }

    private func message(
        _ claim: Claim, _ event: any CaseEvent, _ template: Template, to address: String, _ language: Language, _ names: Names
    ) -> ChannelMessage {
        let facts = Facts(
            event, template: template.key, language: language, names: names, street: street,
            addresses: pages.of(claim.ticket, for: claim.audience), ticket: claim.ticket)
        let words = Rendering.message(template, facts, language: language, channel: claim.channel)
        return ChannelMessage(id: claim.id.description, recipient: address, subject: words.subject, text: words.text)
    }

    private func cloudEvent(_ claim: Claim) -> [UInt8] {
        CloudEvent(
            id: claim.event.description, source: source, type: CloudEvent.typePrefix + claim.type, subject: claim.subject,
            time: claim.time, partitionKey: claim.subject, sequence: claim.version
        ).structured(data: claim.payload)
    }

    private func names(for event: any CaseEvent) async throws -> Names {
        var names = Names()
        for row in try await pool.query(NameQueries.names(Facts.codes(in: event)), as: KnownName.self) {
            if let kind = row.kind { names.learn(kind, row.code, row.name) }
        }
        return names
    }
}

/// Where residents and staff look, outside.
struct PageAddresses: Sendable {
    /// The gateway's address as people see it.
    let publicURL: String
    let status: @Sendable (TicketID) -> String
    let evaluate: @Sendable (TicketID) -> String

    /// - Parameter audience: whose desk it is; departments have no page of ours.
    func of(_ ticket: TicketID, for audience: String) -> Addresses {
        let desk: PagePath.Desk? =
            switch AreaCode(audience)?.level {
            case .city, .district, .street: .street
            case .community, .grid: .community
            case nil: nil
            }
        return Addresses(
            status: publicURL + status(ticket), evaluate: publicURL + evaluate(ticket),
            desk: desk.map { "\(publicURL)\(PagePath.deskCase($0, ticket))" })
    }
}
