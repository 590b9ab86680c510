import Contracts
import Pages

extension Desk.Entry {
    /// The line of a case that cannot be read.
    init(damaged stored: StoredCase) {
        self.init(
            id: stored.ticket, number: stored.number?.description ?? stored.ticket.description, categoryName: "工单数据损坏",
            placeName: "—", communityName: "—", state: "数据损坏", tone: .late, isUrgent: false,
            excerpt: "这件工单的数据无法读取，请联系系统管理员。", start: 0, due: nil)
    }
}
