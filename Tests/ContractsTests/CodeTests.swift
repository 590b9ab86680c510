import Contracts
import JSON
import Testing

/// Every list of codes, by the name schemas give it.
enum CodeLists {
    static let all: [String: [any WireCode]] = [
        "CaseState": CaseState.allCases, "OwnerKind": OwnerKind.allCases, "Channel": Channel.allCases,
        "Urgency": Urgency.allCases, "Ending": Ending.allCases, "WorkEnding": WorkEnding.allCases,
        "ClockKind": ClockKind.allCases, "Party": Party.allCases, "Contacted": Contacted.allCases,
        "Solved": Solved.allCases, "Satisfied": Satisfied.allCases, "AreaLevel": AreaLevel.allCases,
        "PlateKind": PlateKind.allCases, "Service": Service.allCases, "StaffRole": StaffRole.allCases,
        "DeliveryChannel": DeliveryChannel.allCases, "DeliveryOutcome": DeliveryOutcome.allCases,
        "WhistleKind": WhistleKind.allCases, "DispatchRole": DispatchRole.allCases,
        "DisputeGround": DisputeGround.allCases, "Verdict": Verdict.allCases, "ActorKind": ActorKind.allCases,
    ]
}

struct CodeTests {
    @Test func `every code has a name in both languages and no two codes share one`() {
        for (list, codes) in CodeLists.all {
            #expect(Set(codes.map { $0.title(.zhHans) }).count == codes.count, "\(list)")
            #expect(Set(codes.map { $0.title(.english) }).count == codes.count, "\(list)")
            for code in codes {
                #expect(!code.titles.zhHans.isEmpty && !code.titles.english.isEmpty)
                #expect(code.rawValue.wholeMatch(of: /[a-z0-9_]+/) != nil, "\(code.rawValue)")
            }
        }
    }

    @Test func `the field's words are used`() {
        #expect(CaseState.filed.title(.zhHans) == "立案")
        #expect(CaseState.whistled.title(.zhHans) == "吹哨")
        #expect(CaseState.suspended.title(.zhHans) == "挂账")
        #expect(CaseState.evaluated.title(.zhHans) == "一事一评")
        #expect(WhistleKind.allCases.map { $0.title(.zhHans) } == ["日常哨", "攻坚哨", "应急哨"])
        #expect(DispatchRole.lead.title(.zhHans) == "主办")
        #expect(ClockKind.arrive.title(.zhHans) == "报到")
        #expect(Ending.allCases.map { $0.title(.zhHans) } == ["已解决", "已答复", "无法处理", "并单"])
    }

    @Test func `a code nobody knows is refused with the list of those that are known`() {
        let error = #expect(throws: JSONError.self) { try JSONReader.decode(Solved.self, from: Array("\"maybe\"".utf8)) }
        #expect(error?.code == .invalidValue)
        #expect(error?.detail.contains("yes, partly, no") == true)
    }

    @Test func `a unit says how its work ended, and never that the case was merged`() throws {
        #expect(WorkEnding.allCases.map(\.ending) == Ending.allCases.filter { $0 != .merged })
        #expect(throws: JSONError.self) { try JSONReader.decode(WorkEnding.self, from: Array("\"merged\"".utf8)) }
    }

    @Test func `an area knows its level and what it lies in`() {
        let grid = AreaCode("310106019001002")
        let community = AreaCode("310106019001")
        let street = AreaCode("310106019000")
        let district = AreaCode("310106000000")
        let city = AreaCode("310000000000")
        let chain = [grid, community, street, district, city]
        #expect(chain.map { $0?.level } == [.grid, .community, .street, .district, .city])
        #expect(chain.dropLast().map { $0?.parent } == Array(chain.dropFirst()) && city?.parent == nil)
        #expect(chain.map { $0?.city } == Array(repeating: city, count: 5))
        #expect(grid?.street == street && street?.street == street && district?.street == nil && city?.district == nil)
        #expect(chain.allSatisfy { city?.contains($0!) == true } && city?.contains(AreaCode("370202019001")!) == false)
        #expect(AreaCode("370202019001")?.city == AreaCode("370200000000") && AreaCode("370200000000")?.level == .city)
        #expect(street.map { s in [grid, community, street].allSatisfy { $0.map(s.contains) == true } } == true)
        #expect(community?.contains(street!) == false)
        #expect(community?.contains(AreaCode("310106019002003")!) == false)
    }

    @Test(arguments: [
        "", "310106", "31010601900", "3101060190010", "000000000000", "310106000001", "310106019000001", "310106019001000",
        "31010601900a", "３10106019001", "370000000000", "310100000000", "310000019000", "370200019000",
    ])
    func `areas of another form are refused`(text: String) { #expect(AreaCode(text) == nil) }

    @Test func `categories keep list and number`() {
        #expect(CategoryCode("E06010")?.list == .event)
        #expect(CategoryCode("P01001")?.list == .part)
        #expect(CategoryCode("E06010")?.major == "E06")
        for bad in ["", "06010", "e06010", "E6010", "E060100", "X06010", "E0601O"] { #expect(CategoryCode(bad) == nil) }
    }

    @Test func `department codes fit into topic names`() {
        for good in ["cg", "chengguan", "water-2", String(repeating: "a", count: 24)] { #expect(DepartmentCode(good) != nil) }
        for bad in ["", "a", "Water", "a.b", "a_b", "水务", "a b", String(repeating: "a", count: 25)] {
            #expect(DepartmentCode(bad) == nil)
        }
    }

    @Test func `an owner's code must be one of its kind`() throws {
        let street = AreaCode("310106019000")!
        #expect(CaseOwner(kind: .street, code: street.description) == .street(street))
        #expect(CaseOwner(kind: .none, code: nil) == CaseOwner.none)
        #expect(CaseOwner(kind: .none, code: "x1") == nil)
        #expect(CaseOwner(kind: .department, code: "Water") == nil)
        let error = #expect(throws: JSONError.self) {
            try JSONReader.decode(CaseOwner.self, from: Array(#"{"role":"street","unit":"water"}"#.utf8))
        }
        #expect(error?.code == .invalidValue)
    }

    @Test func `a point keeps within the globe`() {
        #expect(GeoPoint(lat: 31.2, lng: 121.4) != nil)
        #expect(GeoPoint(lat: 90.1, lng: 0) == nil)
        #expect(GeoPoint(lat: .nan, lng: 0) == nil)
        #expect(GeoPoint(lat: 0, lng: .infinity) == nil)
        let error = #expect(throws: JSONError.self) {
            try JSONReader.decode(GeoPoint.self, from: Array(#"{"lat":31,"lng":181}"#.utf8))
        }
        #expect(error?.pointer == "#/lng")
    }
}
