import Contracts
import Foundation
import Pages

@testable import Analytics
@testable import Routing

extension Sample {
    static func share(_ part: Int, _ whole: Int) -> OverviewPage.Share { .init(part: part, whole: whole) }

    static func line(_ name: String, _ tickets: Int, _ response: Int, _ resolution: Int, _ satisfaction: Int, _ n: Int) -> OverviewPage.Line
    {
        .init(
            name: name, tickets: tickets,
            rates: .init(response: share(response, n), resolution: share(resolution, n), satisfaction: share(satisfaction, n)),
            firstAnswerInTime: share(tickets - tickets / 14, tickets))
    }

    static let overview = OverviewPage(
        streetName: "彩虹街道", from: now - 28 * 24 * hour, to: now, dataUntil: now - 40_000, tickets: 482,
        rates: .init(response: share(301, 312), resolution: share(268, 312), satisfaction: share(279, 312)),
        firstAnswer: .init(median: 134, ninetieth: 702, inTime: share(468, 482)), solvedInCommunity: share(391, 431),
        trend: zip(1..., [(0.93, 0.81, 0.84), (0.94, 0.83, 0.86), (0.96, 0.82, 0.88), (0.965, 0.86, 0.89)]).map {
            .init(name: "第 \($0) 周", tickets: 120, response: $1.0, resolution: $1.1, satisfaction: $1.2)
        },
        endings: [("彩虹一社区", [71, 12, 6]), ("彩虹二社区", [64, 5, 9]), ("星光社区", [58, 9, 4])],
        communities: [
            line("彩虹一社区", 140, 88, 71, 80, 89), line("彩虹二社区", 122, 75, 64, 70, 78), line("星光社区", 96, 70, 58, 61, 71),
            line("河滨社区", 71, 40, 38, 39, 44), line("铁道北社区", 0, 0, 0, 0, 0),
        ],
        categories: [line("路灯", 93, 60, 55, 57, 62), line("生活垃圾", 77, 51, 44, 47, 52), line("违规停车", 51, 33, 20, 22, 35)],
        departments: [line("区路灯管理所", 61, 42, 40, 41, 43), line("街道综合执法队", 58, 37, 26, 28, 39)])

    static func caseID(_ place: Int) -> CaseID {
        [CaseID("0192f0a1-7c6e-7a31-9a52-5f3c1b2d4e\(10 + place)")].compactMap { $0 }[0]
    }

    static func entry(_ place: Int, _ tone: Part.Tone, _ state: String, due: Int64?) -> Desk.Entry {
        .init(
            id: caseID(place), number: "GD-20261121-0001\(10 + place)-7",
            categoryName: ["井盖缺失", "灯不亮", "乱堆垃圾", "电动车充电"][place % 4], placeName: "建设路 \(12 + place) 号",
            communityName: "彩虹一社区", state: state, tone: tone, isUrgent: place == 0,
            excerpt: place == 2 ? nil : "人行道上的井盖不见了，小孩放学要从这里走，请快一点来看看。", start: now - 12 * hour, due: due)
    }

    static let entries = [
        entry(0, .late, "吹哨", due: now - hour), entry(1, .active, "吹哨", due: now + hour), entry(2, .active, "吹哨", due: now + 6 * hour),
        entry(3, .calm, "派单异议", due: now + 30 * hour), entry(4, .calm, "挂账", due: nil),
    ]

    /// A new case of the demo street, for what the forms' choices depend on.
    private static let scene: FieldForm.Scene? = {
        let ids = UUIDv7Generator(now: { Timestamp(milliseconds: now) }, random: { [UInt8](repeating: 7, count: $0) })
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "deploy/demo").path
        guard let today = ChineseDay("2026-11-21"), let street = AreaCode("310106019000"), let category = CategoryCode("P01024"),
            let number = TicketNumber(day: today, sequence: 110),
            let city = try? City(folder: folder, today: today, ids: ids)
        else { return nil }
        let rules = city.rules(in: street)
        let place = CasePlace(street: street, community: AreaCode("310106019001"), grid: nil, plate: nil, name: "建设路 12 号")
        let question = CatalogueQuestion(
            category: category, area: street, urgency: .normal, channel: .plate, at: Timestamp(milliseconds: now))
        let opening = CaseOpening(
            id: ids.next(), number: number, place: place, category: category, urgency: .normal, channel: .plate,
            routing: rules.catalogue.match(question), submittedAt: Timestamp(milliseconds: now - 12 * hour))
        let opened = ServiceCase.open(opening, by: .catalogue, at: Timestamp(milliseconds: now), in: city.context(of: rules)).after
        return FieldForm.Scene(serviceCase: opened, city: city)
    }()

    private static func forms(_ actions: [any StaffAction.Type]) -> [ActionForm] {
        actions.compactMap { action in scene.map { ActionForm(action, $0) } }
    }

    static func casePage(_ actions: [any StaffAction.Type], suggestion: CasePage.Suggestion?) -> CasePage {
        CasePage(
            id: caseID(0), version: 4, csrf: "c3JmLXRva2Vu", number: "GD-20261121-000110-7", categoryName: "井盖缺失",
            placeName: "建设路 12 号 3 号灯杆", communityName: "彩虹一社区", gridName: "第三网格", plateCode: "7K3M9Q2D", channelName: "扫码",
            state: "吹哨", tone: .late, isUrgent: true, submittedAt: now - 12 * hour, text: "人行道上的井盖不见了，小孩放学要从这里走，请快一点来看看。",
            photos: ["/photo.svg"], reason: "牌子所在网格属彩虹一社区；类别由上报人选择",
            clocks: [
                .init(name: Text("派单", "Dispatch"), start: now - 2 * hour, due: now - hour),
                .init(name: Text("全程办理", "Handling"), start: now - 12 * hour, due: now + 36 * hour),
            ], units: [.init(name: "区市政养护中心", role: Text("主办", "Lead"), state: "待派")],
            steps: Timeline([
                .init("上报", unit: "居民扫码", at: now - 12 * hour), .init("立案", unit: "彩虹一社区", at: now - 11 * hour),
                .init("吹哨（应急哨）", unit: "彩虹一社区", at: now - 2 * hour, text: "已用锥桶围住，需市政补盖。", mark: .current),
            ]).steps, suggestion: suggestion, actions: forms(actions))
    }

    static func street(_ visit: Visit, open: Bool = false, entries shown: [Desk.Entry] = entries, errors: FormErrors = FormErrors()) -> HTML
    {
        let opened = casePage(
            [DispatchUnits.self, RefuseWhistle.self, Suspend.self],
            suggestion: .init(
                department: "shizheng", departmentName: "区市政养护中心", reason: "派单目录第 12 条：井盖类部件 → 市政养护，最具体的一条；置信 0.94"))
        return Desk(
            kind: .street, unitName: "彩虹街道城运中心", staffName: "值班一席", csrf: "proof",
            counts: [.whistled: 3, .disputed: 1, .due: 2, .suspended: 1, .all: 46], current: .whistled, entries: shown,
            casePage: open ? opened : nil, next: shown.isEmpty ? nil : .desk(.street, queue: "whistled", after: "5"), errors: errors
        ).html(for: visit)
    }

    static func community(_ visit: Visit, open: Bool = false) -> HTML {
        Desk(
            kind: .community, unitName: "彩虹一社区", staffName: "书记室", csrf: "proof",
            counts: [.reported: 2, .filed: 5, .verify: 1, .whistled: 3, .suspended: 1, .all: 18], current: .filed, entries: entries,
            casePage: open ? casePage([Answer.self, BlowWhistle.self, Merge.self, Decline.self, Verify.self], suggestion: nil) : nil
        ).html(for: visit)
    }

    /// Every chart on one page, those that no page of ours uses yet too.
    static func charts(_ visit: Visit) -> HTML {
        let heat = HeatTable(
            id: "heat", title: "什么时候上报", summary: "周一早上最多。", columns: ["早", "午", "晚", "夜"],
            rows: [("周一", [19, 8, 12, 1]), ("周三", [9, 4, 11, 0]), ("周六", [5, 6, 3, 2])])
        let map = AreaMap(
            id: "map", title: "各网格工单", summary: "第三网格最多，21 件。",
            areas: [
                .init("网格一", 4, words: "4", column: 0, row: 0), .init("网格二", 9, words: "9", column: 1, row: 0),
                .init("网格三", 21, words: "21", column: 2, row: 0), .init("网格四", 13, words: "13", column: 0, row: 1),
                .init("网格五", 0, words: "0", column: 1, row: 1), .init("网格六", nil, words: "", column: 2, row: 1),
            ])
        let bars = BarChart(
            id: "bars", title: "社区内解决", summary: "目标九成。",
            bars: [.init("彩虹一社区", 0.93, words: "93.0%"), .init("星光社区", 0.82, words: "82.0%"), .init("新社区", nil, words: "")], full: 1,
            target: (0.9, "目标 90%"))
        let lines = LineChart(
            id: "lines", title: "首次回复", summary: "九成的首次回复时间，单位小时。", periods: ["一", "二", "三", "四", "五"],
            series: [.init("九成", [19, 16, nil, 12, 11]), .init("中位数", [4, 3.5, 3, 2.4, 2.2])], target: (15, "15 小时"))
        let main: HTML =
            "<h1>图表</h1><div class=\"columns even\">\(heat.html(for: visit))\(map.html(for: visit))\(bars.html(for: visit))\(lines.html(for: visit))</div>"
        return Page(title: "图表", audience: .staff, main: main).html(for: visit)
    }
}
