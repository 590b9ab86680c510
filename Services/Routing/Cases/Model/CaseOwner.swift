import Contracts

extension ServiceCase {
    /// The one unit that must move the case (DESIGN §4).
    var owner: CaseUnit {
        let street = place.centre
        let community = place.community.map(CaseUnit.community) ?? street
        switch state {
        case .reported, .filed: return isHeldByStreet || isAcceptLapsed || routing.level != .community ? street : community
        case .whistled: return street
        // Who has finished cannot move it: then it waits for a co-handler.
        case .dispatched, .handling: return (awaitedDispatches.first ?? lead).map { .department($0.department) } ?? street
        case .disputed:
            let isDistrict = openDisputes.contains { $0.court == .district }
            return isDistrict ? .district(place.district) : street
        case .suspended: return suspension?.approver ?? street
        case .answered:
            if isHeldByStreet { return street }
            return whistle?.by ?? (routing.level == .street || routing.level == .district ? street : community)
        case .closed, .evaluated, .merged, .declined, .withdrawn: return .nobody
        }
    }
}
