import Actions
import Contracts
import Pages
import Testing

@testable import Analytics
@testable import Intake
@testable import Routing
@testable import Voting

@Suite struct `Every page` {
    @Test func `is balanced, names every id once and holds nothing inline`() {
        for page in Sample.site {
            let outline = Outline(page.html.markup)
            #expect(outline.unbalanced.isEmpty, "\(page.path): \(outline.unbalanced)")
            #expect(Set(outline.ids).count == outline.ids.count, "\(page.path): \(outline.ids.sorted())")
            #expect(!outline.attributes.contains { $0.name == "style" || $0.name.hasPrefix("on") || $0.value.contains("javascript:") })
            #expect(
                outline.tags.filter { $0.hasPrefix("script") } == ["script src defer"] && !outline.tags.contains { $0.hasPrefix("style") })
        }
    }

    @Test func `points labels, descriptions and summary links at something that is there`() {
        for page in Sample.site {
            let outline = Outline(page.html.markup)
            let targets = outline.attributes.flatMap { one -> [String] in
                switch one.name {
                case "for", "aria-labelledby", "aria-describedby": one.value.split(separator: " ").map(String.init)
                case "href": one.value.hasPrefix("#") ? [String(one.value.dropFirst())] : []
                default: []
                }
            }
            #expect(targets.allSatisfy(outline.ids.contains), "\(page.path): \(targets.filter { !outline.ids.contains($0) })")
        }
    }

    @Test func `speaks the reader's language throughout`() {
        for page in Sample.site where page.path.hasPrefix("en/") {
            #expect(page.html.markup.contains("<html lang=\"en\""))
        }
        let english = ResultPage(number: "N", link: .status(token: "x"), answerDue: 0, plateCode: nil, placeName: "Pole").html(
            for: Sample.visit("/", .english)
        ).markup
        #expect(!english.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) && $0 != "中" && $0 != "文" })
    }

    @Test func `with errors says so first in its title and keeps what was typed`() {
        let markup = Sample.plateWithErrors.html(for: Sample.visit("/q/7K3M9Q2D")).markup
        #expect(markup.contains("<title>错误：上报："))
        #expect(
            markup.contains("href=\"#phone\">手机号应是 11 位数字") && markup.contains("value=\"1380013\"")
                && markup.contains("aria-invalid=\"true\""))
        #expect(markup.contains("箱盖开着，&lt;线&gt; &quot;露&quot;在外面</textarea>"))
        #expect(markup.contains("value=\"part00103\" checked"))
    }

    @Test func `the first page of a report weighs at most 60 kB with stylesheet and script`() {
        let page = Sample.plate.html(for: Sample.visit("/q/7K3M9Q2D")).bytes.count
        #expect(page + Asset.all.map(\.bytes.count).reduce(0, +) <= 60_000)
    }

    @Test func `assets are named by their content`() {
        #expect(Set(Asset.all.map(\.path)).count == Asset.all.count)
        #expect(Asset.all.allSatisfy { $0.path.hasPrefix("/assets/") && !$0.bytes.isEmpty })
        let css = String(decoding: Asset.stylesheet.bytes, as: UTF8.self)
        #expect(!css.contains("http:") && !css.contains("https:") && !css.contains("@import"))
    }

    @Test func `not sure is chosen until something else is`() {
        #expect(Sample.plate.html(for: Sample.visit("/")).markup.contains("value=\"unsure\" id=\"category\" checked"))
    }

    @Test func `different endings have different words`() {
        let endings: [StatusPage.Ending] = [.solved, .answered, .impossible, .merged(into: "GD-1"), .declined, .withdrawn]
        #expect(Set(endings.map(\.title)).count == endings.count)
        #expect(Set(endings.map { $0.meaning(.init(by: .community), hasReason: true) }).count == endings.count)
        #expect(Sample.statusImpossible.html(for: Sample.visit("/")).markup.contains("铁路用地"))
        #expect(!Sample.statusImpossible.html(for: Sample.visit("/")).markup.contains("已解决"))
    }

    @Test func `a deadline that has passed is told in words, not by colour alone`() {
        #expect(Sample.statusLate.html(for: Sample.visit("/")).markup.contains("已超时 5 小时"))
        #expect(Sample.statusUnderWay.html(for: Sample.visit("/")).markup.contains("还剩 3 小时"))
    }

    @Test func `rates stand beside their n, and nothing is not zero`() {
        let markup = Sample.overview.html(for: Sample.visit("/")).markup
        #expect(markup.contains("96.5%") && markup.contains("n = 312") && markup.contains("— (0)"))
        #expect(markup.contains("数据截至"))
    }

    @Test func `every action carries the version that was on the screen`() {
        let outline = Outline(Sample.street(Sample.visit("/street"), open: true).markup)
        let actions = outline.attributes.filter { $0.name == "action" && $0.value.contains("/street/") }.count
        let versions = outline.attributes.filter { $0.name == "name" && $0.value == "version" }.count
        #expect(actions == 4)
        #expect(versions == actions)
    }
}

@Suite struct `Texts from outside` {
    static let attacks = HTMLAttacks.all

    @Test(arguments: attacks) func `grow no tag in the report page`(attack: String) {
        let harmless = Outline(plate("x").markup)
        let hostile = Outline(plate(attack).markup)
        #expect(hostile == harmless && hostile.unbalanced.isEmpty)
    }

    @Test(arguments: attacks) func `grow no tag in the status page and the desk`(attack: String) {
        #expect(Outline(status(attack).markup) == Outline(status("x").markup))
        #expect(Outline(desk(attack).markup) == Outline(desk("x").markup))
    }

    @Test(arguments: attacks) func `grow no tag in charts and tables`(attack: String) {
        #expect(Outline(chart(attack).markup) == Outline(chart("x").markup))
    }

    private func plate(_ text: String) -> HTML {
        var page = Sample.plateWithErrors
        page.placeName = text
        page.communityName = text
        page.code = text
        page.key = text
        page.chips = [.init(text, Text(verbatim: text))]
        page.typed = ["category": [text], "text": [text], "elsewhere": [text], "phone": [text]]
        page.similar = .init(number: text, label: text, reportedAt: 0, state: text)
        page.placePhoto = text
        var visit = Sample.visit(text)
        visit.host = text
        visit.siteName = text
        return page.html(for: visit)
    }

    private func status(_ text: String) -> HTML {
        var page = Sample.statusSolved
        page.number = text
        page.placeName = text
        page.categoryName = text
        page.endingReason = text
        page.evaluationLink = .evaluation(token: text)
        page.steps = [.init(kind: .answered, unit: text, at: 0, text: text, photos: [text])]
        return page.html(for: Sample.visit("/"))
    }

    private func desk(_ text: String) -> HTML {
        let entry = Desk.Entry(
            id: Sample.caseID(0), number: text, categoryName: text, placeName: text, communityName: text, state: text, tone: .calm,
            isUrgent: true,
            excerpt: text, start: 0, due: 1)
        return Desk(
            kind: .street, unitName: text, staffName: text, csrf: text, current: .all, entries: [entry],
            next: .desk(.street, queue: text, after: text)
        )
        .html(for: Sample.visit("/"))
    }

    private func chart(_ text: String) -> HTML {
        let visit = Sample.visit("/")
        return BarChart(id: "a", title: text, summary: text, bars: [.init(text, 1, words: text)], target: (1, text)).html(for: visit)
            + LineChart(id: "b", title: text, summary: text, periods: [text, text], series: [.init(text, [1, 2]), .init(text, [2, 1])])
            .html(for: visit)
            + StackedChart(id: "c", title: text, summary: text, parts: [text, text], rows: [.init(text, [1, 2])]).html(for: visit)
            + HeatTable(id: "d", title: text, summary: text, columns: [text], rows: [(text, [1])]).html(for: visit)
            + AreaMap(id: "e", title: text, summary: text, areas: [.init(text, 1, words: text, column: 0, row: 0)]).html(for: visit)
            + Sparkline.html([1, 2], words: text)
            + DataTable(caption: text, columns: [text], rows: [[text]], links: [.plate(code: text)]).html(for: visit)
    }
}

enum HTMLAttacks {
    static let all =
        `Values in markup`.attacks + [
            "\u{202E}<b>\u{200B}", "a\" autofocus onfocus=\"x", "</textarea><script>x</script>", "</desc></svg><p>",
        ]
}
