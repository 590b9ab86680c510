import Contracts
import ServiceKit

extension Directory {
    /// Staff whose token would open nothing here, each in a sentence for `check`: their organisation is none of this city.
    func strangers(among members: some Collection<StaffMember>) -> [String] {
        members.filter { !knows($0) }.map {
            "SHAO_STAFF: “\($0.organisation)” is no organisation here for the role \($0.role.rawValue); its token would open nothing"
        }.sorted()
    }

    private func knows(_ member: StaffMember) -> Bool {
        if CaseWorker.reading.contains(member.role), (try? CaseWorker(member, as: CaseWorker.reading)) == nil { return false }
        if member.role == .department { return DepartmentCode(member.organisation).map { departments[$0] != nil } ?? false }
        return AreaCode(member.organisation).map { areas[$0] != nil || grids[$0] != nil } ?? false
    }
}
