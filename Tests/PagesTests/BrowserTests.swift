import Foundation
import Pages
import Testing

/// The pages in a real browser, judged by tools that are not ours (`shared/checks` beside the checkout).
@Suite(.serialized, .enabled(if: Browser.isHere, "needs chromium, node, python3 and ../shared/checks"))
struct `Pages in a browser` {
    @Test func `are accessible and clean on a small phone`() async throws {
        try await Browser.check(Sample.site.map(\.path), ["--size", "360x640"])
    }

    @Test func `are accessible and clean on a desk`() async throws {
        try await Browser.check(
            ["a/overview", "a/charts", "street/list", "street/case", "community/case", "sign-in"], ["--size", "1366x768"])
    }

    @Test func `work without script and inside WeChat`() async throws {
        let paths = ["q/plate", "q/plate-errors", "s/solved", "e/form", "street/case", "a/overview"]
        try await Browser.check(paths, ["--size", "360x640", "--no-js"])
        try await Browser.check(["q/plate"], ["--size", "412x915", "--agent", "Mozilla/5.0 (Linux; Android 13) MicroMessenger/8.0.44"])
    }

    @Test func `never scroll sideways at 320 px or with text of 200 %`() async throws {
        let pages = Sample.site.map(\.path).filter { !$0.hasPrefix("en/") }
        let narrow = try await Browser.complaint(of: Browser.widths, ["320"] + pages)
        #expect(narrow == nil)
        let double = try await Browser.complaint(of: Browser.widths, ["360"] + pages.map { "double/" + $0 })
        #expect(double == nil)
    }

    @Test func `the larger edition has targets of 60 px`() async throws {
        try await Browser.check(["large/q/plate", "large/e/form", "large/s/under-way"], ["--size", "360x640", "--min-target", "60"])
    }

    @Test func `a report takes three taps, makes one ticket and outlives a dead network`() async throws {
        let complaint = try await Browser.complaint(of: Browser.flow)
        #expect(complaint == nil)
    }
}
