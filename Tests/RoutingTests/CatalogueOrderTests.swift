import Contracts
import Testing

@testable import Routing

/// Which of several rows that fit decides: the longer category, then the longer place, then more conditions, then priority, then
/// the earlier one.
@Suite struct CatalogueOrderTests {
    private let street: DemoStreet
    init() throws { street = try DemoStreet() }

    private func row(
        _ code: String, category: String = "P01024", area: String = "", urgent: Bool = false, web: Bool = false, priority: Int = 1
    ) throws -> CatalogueRow {
        CatalogueRow(
            code: code, category: category, area: area, calendar: .any, urgencies: urgent ? [.urgent] : [], channels: web ? [.web] : [],
            answers: [], level: .street, lead: nil, coHandlers: [], clocks: "ordinary", isDepartmentOnly: false, basis: "依据",
            validFrom: try known(ChineseDay("2026-01-01")), validTo: nil, priority: priority)
    }

    private func winner(_ rows: [CatalogueRow]) throws -> [String?] {
        let question = CatalogueQuestion(
            category: try known(CategoryCode("P01024")), area: try known(AreaCode("310106019001002")), urgency: .urgent, channel: .web,
            at: try known(Timestamp("2026-11-18T10:00:00+08:00")))
        return [rows, rows.reversed()].map { rows in
            Catalogue(version: "t", rows: rows, calendar: street.calendar, departments: [], profiles: ["ordinary"]).match(question).row
        }
    }

    @Test func `a row for the place wins over one with more conditions, whatever their order`() throws {
        let place = try row("place", area: "310106019001")
        #expect(try winner([place, row("conditions", urgent: true, web: true, priority: 9)]) == ["place", "place"])
        #expect(try winner([place, row("grid", area: "310106019001002")]) == ["grid", "grid"])
    }

    @Test func `a row for the place loses to one for the narrower matter`() throws {
        let place = try row("place", category: "P01", area: "310106019001002", urgent: true, web: true, priority: 9)
        #expect(try winner([place, row("matter")]) == ["matter", "matter"])
    }

    @Test func `at one place conditions decide, then priority, then the order of the file`() throws {
        #expect(try winner([row("plain", priority: 9), row("urgent", urgent: true)]) == ["urgent", "urgent"])
        #expect(try winner([row("low"), row("high", priority: 2)]) == ["high", "high"])
        #expect(try winner([row("one"), row("two")]) == ["one", "two"])
    }

    @Test func `a row of another place or another urgency is not asked`() throws {
        #expect(try winner([row("elsewhere", area: "310106019002"), row("here")]) == ["here", "here"])
        #expect(try winner([row("elsewhere", area: "310106020")]) == [nil, nil])
    }
}
