import Postgres

/// Whether a ticket has come through a service, asked where that shows.
enum TravelQueries {
    static func arrived(_ ticket: String, through service: String) -> SQL {
        switch service {
        case "intake": "SELECT count(*) FROM service_case WHERE ticket = \(ticket)::text::uuid"
        case "routing": "SELECT count(*) FROM progress_step WHERE ticket = \(ticket)::text::uuid"
        case "notification": "SELECT count(*) FROM delivery WHERE ticket = \(ticket)::text::uuid AND state = 'sent'"
        case "voting": "SELECT count(*) FROM evaluable WHERE ticket = \(ticket)::text::uuid"
        default: "SELECT count(*) FROM case_fact WHERE ticket = \(ticket)::text::uuid AND case_version > 0"
        }
    }
}
