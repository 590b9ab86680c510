import Contracts
import EventLog
import HTTP
import ServiceKit

/// `GET /v1/rates.csv?by=&from=&to=`: the same lines as `GET /v1/rates`, for spreadsheets.
struct ExportRates: Sendable {
    let rates: ShowRates

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let (table, by) = try await rates.table(request)
        let name = "rates-\(by.rawValue)-\(table.days.first)-\(table.days.last).csv"
        return HTTPResponse.bytes(Self.csv(table, by).bytes, type: "text/csv; charset=utf-8")
            .with("content-disposition", "attachment; filename=\"\(name)\"").with("cache-control", "no-store")
            .with("x-content-type-options", "nosniff")
    }

    private static let columns = [
        "代码", "名称", "工单", "响应率", "响应数", "到期数", "解决率", "解决数", "部分解决数", "评价数", "满意率", "满意数", "首次回复数",
        "首次回复中位数（分钟）", "首次回复九成（分钟）", "15小时内率", "15小时内数", "15小时应回复数", "社区内解决率", "社区内解决数", "办结数", "未结",
        "超时未结", "时限超时次数", "重开", "开始", "结束", "公式", "数据截至",
    ]

    static func csv(_ table: RateTable, _ by: Breakdown) -> CSVTable {
        var csv = CSVTable()
        csv.add(columns)
        let ends = [
            table.days.first.description, table.days.last.description, RateFormula.id, table.dataUntil?.description ?? "",
        ]
        for line in table.lines[by] ?? [] { csv.add([line.code ?? "", line.name ?? ""] + cells(line.figures) + ends) }
        csv.add(["", "合计"] + cells(table.total) + ends)
        return csv
    }

    private static func cells(_ figures: Figures) -> [String] {
        let f = figures
        let head = ["\(f.tickets)", rate(f.response), "\(f.response.count)", "\(f.response.n)", rate(f.resolution)]
        let said = ["\(f.solved)", "\(f.partlySolved)", "\(f.evaluated)", rate(f.satisfaction), "\(f.satisfaction.count)"]
        let answers = ["\(f.answered)", f.median.map(String.init) ?? "", f.ninetieth.map(String.init) ?? "", rate(f.answeredInTime)]
        let more = ["\(f.answeredInTime.count)", "\(f.answeredInTime.n)", rate(f.solvedInCommunity), "\(f.solvedInCommunity.count)"]
        return head + said + answers + more
            + ["\(f.solvedInCommunity.n)", "\(f.open)", "\(f.overdue)", "\(f.clocksRunOut)", "\(f.reopened)"]
    }

    /// Four places; empty without a base, never 0.
    private static func rate(_ share: Proportion) -> String {
        share.rate.map { "\(($0 * 10_000).rounded() / 10_000)" } ?? ""
    }
}
