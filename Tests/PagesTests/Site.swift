import Contracts
import Foundation
import Pages

@testable import Analytics
@testable import Intake
@testable import Routing
@testable import Voting

extension Sample {
    /// Path → document, for every page in every state worth looking at.
    static var site: [(path: String, html: HTML)] {
        let pages: [(String, (Visit) -> HTML)] = [
            ("q/plate", plate.html), ("q/plate-errors", plateWithErrors.html), ("q/plate-similar", plateWithSimilar.html),
            ("q/unknown", UnknownPlatePage(code: "0OIL-WRONG").html),
            ("q/retired", RetiredPlatePage(code: "ANWVVR1E", placeName: "彩虹路 12 号灯杆", unsent: "灯不亮").html),
            ("r/result", result.html), ("s/under-way", statusUnderWay.html),
            ("s/solved", statusSolved.html), ("s/impossible", statusImpossible.html), ("s/late", statusLate.html),
            ("s/to-be-checked", statusToBeChecked.html), ("s/merged", statusMerged.html), ("s/declined", statusDeclined.html),
            ("s/lapsed", statusLapsed.html), ("r/landline", resultWithLandline.html),
            ("problem/404", problem(404, "not-found", "未找到").html),
            ("problem/429", problem(429, "too-many-requests", "请求过于频繁").html),
            ("e/form", evaluation.html), ("e/form-errors", evaluationWithErrors.html),
            (
                "e/thanks",
                EvaluationNotice(kind: .thanks(reopened: true), number: "GD-20261121-000123-7", statusLink: .status(token: "x")).html
            ),
            (
                "e/given",
                EvaluationNotice(kind: .alreadyGiven(at: now - hour), number: "GD-20261121-000123-7", statusLink: .status(token: "x")).html
            ),
            ("e/expired", EvaluationNotice(kind: .expired(at: now - hour), number: "GD-20261121-000123-7").html),
            ("a/overview", overview.html), ("a/charts", charts), ("street/list", { street($0) }),
            ("street/case", { street($0, open: true) }),
            ("street/empty", { street($0, entries: []) }),
            ("street/error", { street($0, open: true, errors: FormErrors(["dispatch-lead": Text("请选主办单位", "Choose a lead")])) }),
            ("community/list", { community($0) }), ("community/case", { community($0, open: true) }),
            ("sign-in", StaffSignInPage(next: "/street").html),
        ]
        var site = pages.map { (path: $0.0, html: $0.1(visit("/" + $0.0))) }
        for (path, page) in pages where ["q/plate", "s/under-way", "e/form", "street/case", "a/overview"].contains(path) {
            site.append(("large/" + path, page(visit("/large/" + path, isLarge: true))))
            site.append(("en/" + path, page(visit("/en/" + path, .english))))
        }
        return site
    }

    /// Writes the site under `folder`, with the assets at their real addresses.
    static func write(to folder: URL) throws {
        for page in site {
            let place = folder.appending(path: page.path + ".html")
            try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(page.html.bytes).write(to: place)
        }
        try FileManager.default.createDirectory(at: folder.appending(path: "assets"), withIntermediateDirectories: true)
        for asset in Asset.all { try Data(asset.bytes).write(to: folder.appending(path: asset.path)) }
        let photo = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 120"><rect width="160" height="120" fill="#31485a"/><circle cx="110" cy="36" r="14" fill="#f4d58a"/>\
            <path d="M108 40v80M20 120l40-50 30 30 20-16 50 36z" stroke="#c9d4da" stroke-width="3" fill="#4d6a5f"/></svg>
            """
        try Data(photo.utf8).write(to: folder.appending(path: "photo.svg"))
    }
}
