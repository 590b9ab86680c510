import Actions
import Contracts
import HTTP
import ServiceKit

/// By which channel a report counts. Deadlines and duties hang on it, so it follows from the door and from who asks; what a body says
/// is a claim.
enum ChannelRule {
    /// Throws 401 or 403 for a claim that needs a token of another role, 422 for a channel that has another door or none.
    static func check(_ channel: Channel, hasPlate: Bool, by member: StaffMember?) throws(Problem) {
        switch channel {
        case .web, .wechat: return
        case .plate:
            // Nothing is gained by it: the plate's own page is as open.
            guard hasPlate else { throw .wrong("#/channel", "channel-not-open", "The channel plate needs a plate.") }
        case .hotline: try demand([.caller, .street, .district], member, channel)
        case .counter: try demand([.community, .street, .district], member, channel)
        case .grid: try demand([.gridWorker, .community], member, channel)
        case .open311, .imported, .sensor, .proactive:
            throw .wrong("#/channel", "channel-not-open", "No report can be sent through the channel \(channel.rawValue).")
        }
    }

    private static func demand(_ roles: [StaffRole], _ member: StaffMember?, _ channel: Channel) throws(Problem) {
        let names = roles.map(\.rawValue).joined(separator: ", ")
        let detail = "The channel \(channel.rawValue) needs a token of one of the roles \(names)."
        let violation = Problem.Violation(pointer: "#/channel", code: "channel-not-yours", detail: detail)
        guard let member else {
            throw Problem(401, "sign-in-required", detail: detail, errors: [violation]).with("www-authenticate", "Bearer")
        }
        guard roles.contains(member.role) else { throw Problem(403, "channel-not-yours", detail: detail, errors: [violation]) }
    }
}
