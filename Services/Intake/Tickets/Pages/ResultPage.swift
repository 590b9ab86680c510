import Contracts
import Pages

/// Shown once a report is taken: its number, the promise, the private link.
struct ResultPage: Sendable {
    var number: String
    /// The private status page.
    var link: PagePath
    /// When the first answer is due, milliseconds since 1970.
    var answerDue: Int64
    /// The plate that was reported at; nil for reports without one.
    var plateCode: String?
    var placeName: String
    /// The link's whole address; by default on this host over https.
    var address: String?
    /// Said when the number that was left gets no text messages.
    var phoneNotice: Text?

    func html(for visit: Visit) -> HTML {
        let address = address ?? "https://" + visit.host + link.description
        let again = plateCode.map { Part.button(visit(.reportAnother), to: .plate(code: $0)) }
        let main: HTML = """
            <section class="card done-head" aria-labelledby="done"><span class="tick" aria-hidden="true">\(Icon.check)</span>
            <h1 id="done">\(visit(.received))</h1><p class="eyebrow">\(visit(.ticketNumber))</p><p class="number">\(number)</p>
            <p class="soft"><bdi>\(placeName)</bdi></p></section>
            \(phoneNotice.map { Part.notice("<p>\(visit($0))</p>", .active) })
            <section class="card promise">\(Icon.clock)<div><h2>\(visit(.answerPromise))</h2>
            <p class="soft">\(visit(.answerBy)) \(visit.time(answerDue))</p></div></section>
            <section class="card stack"><h2>\(visit(.privateLink))</h2><p class="soft">\(visit(.privateLinkHint))</p>
            <p class="link-box">\(address)</p>
            <p><a class="button primary fill" href="\(link)">\(visit(.seeProgress))</a></p>
            <button type="button" class="button fill" hidden data-copy="\(address)" data-done="\(visit(.copied))">\(visit(.copyLink))</button></section>
            <div class="row">\(again)\(Part.hotline(visit))</div>
            """
        return Page(title: visit(.received), main: main).html(for: visit)
    }
}
