import Contracts
import JSON
import Testing

@testable import Routing

struct SampleRow: RowDecodable {
    static let member: StaticString = "samples"
    let text: String, category: CategoryCode
    init(members: inout JSONMembers) throws(JSONError) {
        (text, category) = try (members.required("text"), members.required("category"))
    }
}

@Suite struct ClassifierTests {
    let street: DemoStreet
    let classifier: Classifier
    init() throws {
        street = try DemoStreet()
        classifier = Classifier(street.categories.list)
    }

    @Test func `the labelled sentences are classified as well as when this was measured`() throws {
        let samples = try DemoStreet.file("classifier-samples").decode(Rows<SampleRow>.self).rows
        var first = 0
        var three = 0
        var misses: [String] = []
        for sample in samples {
            let found = classifier.classify(sample.text)
            if found.first?.category == sample.category {
                first += 1
            } else {
                misses.append("\(sample.text) → \(found.map(\.name)) ≠ \(sample.category)")
            }
            if found.contains(where: { $0.category == sample.category }) { three += 1 }
            #expect(street.categories.byCode[sample.category] != nil)
        }
        print("classifier: \(samples.count) sentences, first \(first), among three \(three)")
        for miss in misses { print("  missed: \(miss)") }
        #expect(samples.count >= 120)
        #expect(first >= Self.firstFloor)
        #expect(three >= Self.threeFloor)
    }
    /// Measured in November 2026 on 135 sentences: 126 (93 %) first, 127 among three. The same hand wrote the words and the
    /// sentences, so real texts will do worse; the floor only keeps a change from making it worse unnoticed.
    static let firstFloor = 126
    static let threeFloor = 127

    @Test func `a suggestion names the words that speak for it and how to tell it from its neighbour`() throws {
        let found = classifier.classify("楼下路灯不亮了,一片漆黑")
        #expect(found.first?.category.description == "P01024")
        #expect(found.first?.terms == ["路灯不亮", "漆黑"])
        #expect(found.first?.hints == ["只有路灯不亮选路灯，家里没电选停电"])
        #expect(found.count <= 3)
    }

    @Test func `the same text gives the same answer, however it is typed`() {
        let plain = classifier.classify("充电桩坏了")
        #expect(plain == classifier.classify("充 电 桩 坏\n了"))
        #expect(classifier.classify("") == [])
        #expect(classifier.classify("好的谢谢") == [])
    }
}
