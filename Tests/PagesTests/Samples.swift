import Actions
import Contracts
import Pages

@testable import Intake
@testable import Routing
@testable import Voting

/// One sample of every page and state, as files of a small site. Everything in them is invented.
enum Sample {
    static let now: Int64 = 1_795_242_300_000
    static let hour: Int64 = 3_600_000

    static func visit(_ path: String, _ language: Pages.Language = .chinese, isLarge: Bool = false) -> Visit {
        Visit(
            path: path, host: "caihong.shao.example", siteName: language == .chinese ? "彩虹街道" : "Caihong Street", now: now,
            language: language, isLarge: isLarge)
    }

    static let plate = PlatePage(
        code: "7K3M9Q2D", placeName: "建设路 12 号 3 号灯杆", communityName: "彩虹一社区",
        chips: [
            .init("part00101", Text("灯不亮", "Light out")), .init("part00102", Text("灯杆倾斜", "Leaning")),
            .init("part00103", Text("电线外露", "Bare wires")), .init("part00104", Text("井盖缺损", "Cover broken")),
            .init("event00201", Text("乱堆垃圾", "Litter")), .init("event00299", Text("其他", "Other")),
        ], key: "0192f0a1-7c6e-7a31-9a52-5f3c1b2d4e6f")

    static var plateWithErrors: PlatePage {
        var page = plate
        page.typed = [
            "category": ["part00103"], "text": ["箱盖开着，<线> \"露\"在外面"], "elsewhere": ["往东第二根"], "phone": ["1380013"],
        ]
        page.errors = FormErrors(["photo": .photoTooLarge, "phone": Submit.Refusal.phoneNotValid.words])
        return page
    }

    static var plateWithSimilar: PlatePage {
        var page = plate
        page.similar = .init(number: "GD-20261119-000087-4", label: "灯不亮", reportedAt: now - 50 * hour, state: "处理中")
        page.placePhoto = "/photo.svg"
        return page
    }

    static let result = ResultPage(
        number: "GD-20261121-000123-7", link: .status(token: "AZLwoXxuejGaUl88Gy1Ob1Jr3mZk0uXHq5tY8pWcNvA"), answerDue: now + 15 * hour,
        plateCode: "7K3M9Q2D", placeName: "建设路 12 号 3 号灯杆")

    static let statusUnderWay = StatusPage(
        number: "GD-20261121-000123-7", placeName: "建设路 12 号 3 号灯杆", categoryName: "灯不亮",
        steps: [
            .init(kind: .received, unit: nil, at: now - 9 * hour, text: "晚上整条路都是黑的，老人不敢走。", photos: ["/photo.svg"]),
            .init(kind: .accepted, unit: "彩虹一社区", at: now - 8 * hour, text: "已经去看过，是线路问题，请街道调派。"),
            .init(kind: .whistled, unit: "彩虹一社区", at: now - 8 * hour),
            .init(kind: .dispatched, unit: "区路灯管理所", at: now - 7 * hour),
            .init(kind: .arrived, unit: "区路灯管理所", at: now - 2 * hour),
        ], awaited: (.handling, "区路灯管理所"), clock: .init(kind: .handling, start: now - 9 * hour, due: now + 3 * hour))

    static var statusSolved: StatusPage {
        var page = statusUnderWay
        page.steps += [
            .init(kind: .answered, unit: "区路灯管理所", at: now - hour, text: "换了保险和两盏灯，已经亮了。", photos: ["/photo.svg", "/photo.svg"]),
            .init(kind: .closed, unit: "彩虹一社区", at: now - hour / 2),
        ]
        page.awaited = nil
        page.ending = .solved
        page.evaluationLink = .evaluation(token: "AZLwoXxuejGaUl88Gy1Ob1Jr3mZk0uXHq5tY8pWcNvA")
        return page
    }

    static var statusImpossible: StatusPage {
        var page = statusUnderWay
        page.awaited = nil
        page.ending = .impossible
        page.endingReason = "这根灯杆在铁路用地内，街道无权改动。已函告铁路部门，回复后会再告诉您。"
        return page
    }

    static var statusToBeChecked: StatusPage {
        var page = statusUnderWay
        page.steps.append(.init(kind: .completed, unit: "区路灯管理所", at: now - hour, text: "换了保险和两盏灯，已经亮了。", photos: ["/photo.svg"]))
        page.awaited = (.closed, "彩虹一社区")
        page.clock = .init(kind: .verifying, start: now - 9 * hour, due: now + 23 * hour)
        return page
    }

    static var statusMerged: StatusPage {
        var page = statusUnderWay
        page.steps = [page.steps[0], .init(kind: .merged(into: "GD-20261119-000087-4"), at: now - 8 * hour)]
        page.awaited = nil
        page.ending = .merged(into: "GD-20261119-000087-4")
        return page
    }

    static var statusDeclined: StatusPage {
        var page = statusUnderWay
        page.steps = [page.steps[0], .init(kind: .declined, unit: "彩虹一社区", at: now - 8 * hour, text: "这条路归铁路部门管理，请拨打 12306 反映。")]
        page.awaited = nil
        page.ending = .declined
        page.endingReason = "这条路归铁路部门管理，请拨打 12306 反映。"
        page.review = .open(until: now + 100 * hour, form: .review(token: "x"))
        return page
    }

    static var statusLapsed: StatusPage {
        var page = statusUnderWay
        page.steps = [page.steps[0], .init(kind: .streetCalledIn, at: now - 4 * hour)]
        page.awaited = (.streetCalledIn, "彩虹街道")
        page.clock = .init(kind: .firstAnswer, start: now - 9 * hour, due: now + 6 * hour)
        return page
    }

    static var resultWithLandline: ResultPage {
        var page = result
        page.phoneNotice = TelephoneNumber.Kind.landline.notice
        return page
    }

    static func problem(_ status: Int, _ code: String, _ title: String) -> ProblemPage {
        ProblemPage(status: status, code: code, title: title, traceID: "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    static var statusLate: StatusPage {
        var page = statusUnderWay
        page.clock = .init(kind: .handling, start: now - 30 * hour, due: now - 5 * hour)
        return page
    }

    static let evaluation = EvaluationPage(
        path: .evaluation(token: "AZLwoXxuejGaUl88Gy1Ob1Jr3mZk0uXHq5tY8pWcNvA"), number: "GD-20261121-000123-7",
        placeName: "建设路 12 号 3 号灯杆",
        categoryName: "灯不亮", answer: "换了保险和两盏灯，已经亮了。", answerPhotos: ["/photo.svg"], unit: "区路灯管理所",
        openUntil: now + 160 * hour)

    static var evaluationWithErrors: EvaluationPage {
        var page = evaluation
        let typed = ["contacted": ["yes"], "reasons": ["slow"], "text": ["还行"]]
        page.typed = typed
        do throws(FieldMistakes) { _ = try Opinion(ActionInput(typed)) } catch { page.errors = FormErrors(error) }
        return page
    }
}
