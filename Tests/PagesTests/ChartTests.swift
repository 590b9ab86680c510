import Pages
import Testing

@Suite struct `Charts` {
    let visit = Sample.visit("/")

    @Test func `every drawing is named, described and repeated as a table`() {
        let outline = Outline(Sample.charts(visit).markup)
        let drawings = outline.attributes.filter { $0.name == "role" && $0.value == "img" }.count
        #expect(drawings == 4)
        for kind in ["figure", "figcaption", "desc", "details", "table", "caption"] {
            #expect(outline.tags.filter { $0.split(separator: " ").first == Substring(kind) }.count == drawings, "\(kind)")
        }
    }

    @Test func `values that are no numbers or out of range break nothing`() {
        let odd: [Double?] = [.nan, .infinity, -.infinity, -1, 1e300, nil, 0]
        let bars = BarChart(id: "a", title: "t", summary: "s", bars: odd.map { .init("x", $0, words: "w") }).html(for: visit).markup
        let line = LineChart(id: "b", title: "t", summary: "s", periods: odd.map { _ in "p" }, series: [.init("x", odd)]).html(for: visit)
            .markup
        let map = AreaMap(
            id: "c", title: "t", summary: "s", areas: odd.map { .init("x", $0, words: "w", outline: [($0 ?? 0, .nan), (1, 1), (2, 3)]) }
        ).html(for: visit).markup
        for markup in [bars, line, map] {
            #expect(Outline(markup).unbalanced.isEmpty && !markup.contains("nan") && !markup.contains("inf"))
        }
    }

    @Test func `no data is said, not drawn`() {
        let bars = BarChart(id: "a", title: "t", summary: "s", bars: []).html(for: visit).markup
        let lines = LineChart(id: "b", title: "t", summary: "s", periods: [], series: []).html(for: visit).markup
        let stack = StackedChart(id: "c", title: "t", summary: "s", parts: ["p"], rows: [.init("x", [0]), .init("y", [-4])]).html(
            for: visit
        ).markup
        #expect(bars.contains("暂无数据") && lines.contains("暂无数据") && Outline(stack).unbalanced.isEmpty)
    }

    @Test func `more counts than columns and fewer than parts are borne`() {
        let heat = HeatTable(id: "a", title: "t", summary: "s", columns: ["1"], rows: [("x", [1, 2, 3]), ("y", [])]).html(for: visit).markup
        #expect(Outline(heat).unbalanced.isEmpty)
    }
}
