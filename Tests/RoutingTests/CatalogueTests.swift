import Contracts
import Testing

@testable import Routing

@Suite struct CatalogueTests {
    let street: DemoStreet
    init() throws { street = try DemoStreet() }

    func match(
        _ category: String, area: String = "310106019001001", urgency: Urgency = .normal, channel: Channel = .plate,
        answers: [String: AnswerValue] = [:], at: String = "2026-11-18T10:00:00+08:00"
    ) throws -> CatalogueResult {
        try street.catalogue.match(
            CatalogueQuestion(
                category: known(CategoryCode(category)), area: known(AreaCode(area)), urgency: urgency, channel: channel,
                answers: answers, at: known(Timestamp(at))))
    }

    @Test func `a dark lamp goes to the lamp office with the power company beside it`() throws {
        let result = try match("P01024")
        #expect(result.level == .department)
        #expect(result.lead?.description == "ludeng")
        #expect(result.coHandlers.map(\.description) == ["gongdian"])
        #expect(result.isDepartmentOnly && result.goesStraightOut)
        #expect(result.reason.contains("主办：ludeng") && result.reason.contains("依据："))
    }

    @Test func `the most specific row wins and priority breaks ties`() throws {
        #expect(try match("E06036").level == .community)
        #expect(try match("E06036", area: "310106019003002").level == .street)
        #expect(try match("E06036", answers: ["fire": .text("yes")]).clocks == "danger")
        #expect(try match("P01024", answers: ["count": .number(6)]).clocks == "utility")
        #expect(try match("P01024", answers: ["count": .number(30)]).clocks == "danger")
        #expect(try match("E06999").row == (try match("E06998").row))
    }

    @Test func `calendar, urgency and channel choose rows`() throws {
        #expect(try match("E11004", at: "2026-11-18T10:00:00+08:00").level == .community)
        #expect(try match("E11004", at: "2026-11-18T23:00:00+08:00").level == .street)
        #expect(try match("E11004", at: "2026-10-03T10:00:00+08:00").level == .street)
        #expect(try match("E06010", urgency: .urgent).clocks == "utility")
        #expect(try match("E12003", channel: .hotline).level == .street)
    }

    @Test func `a row speaks only while it is valid`() throws {
        #expect(try match("E09011", at: "2026-12-31T10:00:00+08:00").level == .community)
        #expect(try match("E09011", at: "2027-01-04T10:00:00+08:00").level == .department)
    }

    @Test func `an answer of the wrong type raises an alarm and a person decides`() throws {
        let result = try match("P01024", answers: ["count": .text("很多")])
        #expect(result.row == nil && result.level == .street && result.lead == nil)
        #expect(result.alarm?.code == "answer-type")
        #expect(result.reason.contains("转街道人工派单"))
    }

    @Test func `a broken or a missing row falls to the street's human queue`() throws {
        let row = try known(street.catalogueFile.rows.first)
        let broken = Catalogue(
            version: "x", rows: [row], calendar: street.calendar, departments: [], profiles: Set(street.rules.profiles.keys))
        let question = CatalogueQuestion(
            category: try known(CategoryCode(row.category)), area: try known(AreaCode("310106019001")), urgency: .normal,
            channel: .web, at: try known(Timestamp("2026-11-18T10:00:00+08:00")))
        #expect(broken.match(question).alarm?.code == "unknown-department")
        let empty = Catalogue(version: "x", rows: [], calendar: street.calendar, departments: [], profiles: [])
        #expect(empty.match(question).row == nil && empty.match(question).alarm == nil)
    }

    @Test func `no department-only row reaches a community and every category has a row of its own`() throws {
        for category in street.categories.list {
            for area in ["310106019001001", "310106019003001", "310106019005008"] {
                for hour in ["10", "23"] {
                    for urgency in Urgency.allCases {
                        let result = try match(
                            category.code.description, area: area, urgency: urgency, at: "2026-11-18T\(hour):00:00+08:00")
                        #expect(result.row != nil, "\(category.code)")
                        #expect(!result.isDepartmentOnly || result.level == .department || result.level == .district)
                    }
                }
            }
        }
    }

    @Test func `the demo catalogue has no errors and only its two ended rows as warnings`() throws {
        let findings = CatalogueValidation.findings(in: street.catalogueFile.rows, against: try street.background())
        #expect(findings.filter { $0.severity == .error }.map(\.description) == [])
        #expect(findings.map(\.code) == ["expired", "expired"])
        #expect(street.catalogueFile.rows.count >= 200)
    }

    @Test func `a bad catalogue is judged row by row`() throws {
        let text = """
            {"version": "t", "rows": [
            {"code": "A", "match": {"category": "P01024"}, "level": "community", "lead": "nobody-here", "coHandlers": [], "clocks": "ordinary", "departmentOnly": true, "basis": "b", "validFrom": "2026-01-01", "priority": 1},
            {"code": "A", "match": {"category": "P01024", "urgency": ["normal"]}, "level": "department", "coHandlers": [], "clocks": "none", "departmentOnly": false, "basis": "", "validFrom": "2026-01-01", "validTo": "2025-01-01", "priority": 1},
            {"code": "B", "match": {"category": "P01024", "channels": ["web"]}, "level": "street", "coHandlers": ["ludeng", "ludeng"], "clocks": "ordinary", "departmentOnly": false, "basis": "b", "validFrom": "2026-01-01", "priority": 1},
            {"code": "C", "match": {"category": "P01024", "urgency": ["normal", "urgent"]}, "level": "street", "coHandlers": [], "clocks": "ordinary", "departmentOnly": false, "basis": "b", "validFrom": "2026-01-01", "priority": 1}]}
            """
        let file = try CatalogueFile.load(DataFile(name: "bad.json", bytes: Array(text.utf8)))
        let found = CatalogueValidation.findings(in: file.rows, against: try street.background()).map { "\($0.row) \($0.code)" }
        #expect(
            found == [
                "1 handed-down", "1 unknown-department", "2 duplicate-row", "2 no-basis", "2 no-lead", "2 unknown-clocks",
                "2 validity", "3 duplicate-department", "4 tie",
            ])
    }

    @Test func `a dry run shows what a new version would change`() throws {
        let questions = try street.categories.list.map {
            CatalogueQuestion(
                category: $0.code, area: try known(AreaCode("310106019001001")), urgency: .normal, channel: .web,
                at: try known(Timestamp("2026-11-18T10:00:00+08:00")))
        }
        let fewer = street.catalogueFile.rows.filter { $0.category != "P01024" }
        let new = Catalogue(
            version: "n", rows: fewer, calendar: street.calendar, departments: Set(street.directory.departments.keys),
            profiles: Set(street.rules.profiles.keys))
        let run = CatalogueDryRun(from: street.catalogue, to: new, over: questions)
        #expect(run.asked == questions.count)
        #expect(run.differences.map(\.question.category.description) == ["P01024"])
        #expect(run.differences.first?.after.lead?.description == "shizheng")
    }
}
