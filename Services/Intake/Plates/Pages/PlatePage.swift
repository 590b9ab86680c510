import Actions
import Contracts
import Pages

/// The one screen of a report: `GET /q/<CODE>`, and again with its errors as the answer to a `POST /q/<CODE>` that could not be taken.
///
/// The form is `multipart/form-data` with fields of ``Submit`` and `photo` (none to three files; a browser sends an empty part for an unused
/// file control). A success answers 303 to the result page; errors answer 422 with this page. `also` (a ticket number) says "I have this
/// problem too", with whatever else the form holds.
struct PlatePage: Sendable {
    /// A recent report at the same plate.
    struct Similar: Sendable, Hashable {
        let number: String
        let label: String
        let reportedAt: Int64
        let state: String
    }

    var code: String
    var placeName: String
    var communityName: String?
    /// Address of a photo of the spot on this host.
    var placePhoto: String?
    var chips: [FieldChoice]
    var key: String
    /// What was typed, kept after an error.
    var typed: [String: [String]]?
    var similar: Similar?
    var errors = FormErrors()

    func html(for visit: Visit) -> HTML {
        let title = visit(.reportAt) + placeName
        return Page(title: title, errors: errors, main: "\(place(visit))\(similarCard(visit))\(form(visit))").html(for: visit)
    }

    private func place(_ visit: Visit) -> HTML {
        """
        <section class="place" aria-labelledby="where">
        <span class="pin" aria-hidden="true">\(Icon.place)</span>
        <div class="text"><p class="eyebrow">\(visit(.youAreAt))</p><h1 id="where"><bdi>\(placeName)</bdi></h1>
        <p class="eyebrow">\(if: communityName != nil, "<bdi>\(communityName)</bdi> · ")\(visit(.plate)) <span class="code">\(code)</span></p></div>
        \(placePhoto.map { "<img src=\"\($0)\" alt=\"\(visit(.photoOfSpot))\" width=\"88\" height=\"66\">" as HTML })
        </section>
        """
    }

    /// The button belongs to the form below, so that what was filled in goes along. The Enter key presses a form's first button, which is
    /// why a hidden one that says nothing stands before it.
    private func similarCard(_ visit: Visit) -> HTML {
        guard let similar else { return HTML() }
        return Part.notice(
            """
            <p>\(visit(.alreadyReported(similar.label, ago: Span.ago(similar.reportedAt, now: visit.now)))) \(Part.badge(similar.state, .active))</p>
            <p><button type="submit" form="report" hidden></button>\
            \(Part.submit(visit(Submit.alsoField.title), isPrimary: false, name: Submit.alsoField.key, value: similar.number, form: "report"))</p>
            """, .active)
    }

    private func form(_ visit: Visit) -> HTML {
        func control(_ field: Submit.Form) -> HTML { field.control(visit, for: chips, typed: typed, errors: errors) }
        return """
            <form method="post" action="\(PagePath.plate(code: code))" enctype="multipart/form-data" novalidate id="report" data-report
            data-remove="\(visit(.remove))" data-photo="\(visit(.photo))" data-added="\(visit(.photoAdded))" data-wait="\(visit(.photoWait))"
            data-sending="\(visit(.sending))" data-lost="\(visit(.networkLost))" data-again="\(visit(.sendAgain))" data-unsent="\(visit(.unsentDraft))"
            data-refused="\(visit(.notTaken))" data-kept="\(visit(.typedIsKept))">
            <input type="hidden" name="\(Submit.keyField.key)" value="\(key)" autocomplete="off">
            \(photoControls(visit))
            \(control(Submit.categoryField))
            \(control(Submit.textField))
            \(control(Submit.phoneField))
            \(elsewhere(control(Submit.elsewhereField), visit))
            <div class="send">\(Part.submit(visit(.submit)))<progress max="1" value="0" hidden aria-label="\(visit(.sending))"></progress>
            <p class="status" role="status"></p></div>
            </form>
            <p class="small soft">\(visit(.privacy))</p>
            \(Part.hotline(visit))
            """
    }

    private func photoControls(_ visit: Visit) -> HTML {
        """
        <div class="shots\(errors.message(for: "photo") == nil ? "" : " is-wrong")">\(errors.beside("photo", visit))
        <label class="shot main">\(Icon.camera) <span>\(visit(.takePhoto))</span>
        <input id="photo" type="file" name="photo" accept="image/*" capture="environment" required aria-required="false">\(chosen(visit))</label>
        <label class="shot">\(Icon.album) <span>\(visit(.fromAlbum))</span>
        <input type="file" name="photo" accept="image/*" multiple required aria-required="false">\(chosen(visit))</label>
        <ul class="previews" aria-label="\(visit(.chosenPhotos))"></ul></div>
        """
    }

    /// The browser's own words on a file control are in the browser's language, so the control is hidden behind its label. That a file
    /// is chosen is shown by the style sheet alone: the control is valid once it has one. (The form is not validated, so it is not needed.)
    private func chosen(_ visit: Visit) -> HTML { "<span class=\"chosen\">✓ \(visit(.photoChosen))</span>" }

    private func elsewhere(_ control: HTML, _ visit: Visit) -> HTML {
        let name = Submit.elsewhereField.key
        let isOpen = typed?[name]?.first?.isEmpty == false || errors.message(for: name) != nil
        return "<details\(flag: "open", isOpen)><summary>\(visit(.notHere))</summary>\(control)</details>"
    }
}

/// Answers an address `/q/<CODE>` that names no plate of ours: with what to do, since the person still stands before the broken thing.
struct UnknownPlatePage: Sendable {
    /// As it was asked for; shown cut to 32 characters.
    var code: String

    func html(for visit: Visit) -> HTML {
        let main: HTML = """
            <section class="card stack"><h1>\(visit(.unknownPlate))</h1>
            <p>\(visit(.youAskedFor)) <strong class="code">\(String(code.prefix(32)))</strong></p>
            <p>\(visit(.whyUnknown))</p>
            <h2>\(visit(.whatToDo))</h2>
            <ul><li>\(visit(.scanAgain))</li><li>\(visit(.nearestPlate))</li><li>\(visit(.warnForged))</li></ul>
            \(Part.hotline(visit))</section>
            """
        return Page(title: visit(.unknownPlate), main: main).html(for: visit)
    }
}

/// Answers the address of a plate that is no longer in use: where it was, that nothing is reported here, and where something can be.
struct RetiredPlatePage: Sendable {
    var code: String
    var placeName: String
    /// Words that were sent here and not taken; nil when nothing was sent.
    var unsent: String?

    func html(for visit: Visit) -> HTML {
        let words = unsent ?? ""
        let kept: HTML = "<p>\(visit(.unsentWords))</p><blockquote class=\"words\">\(words)</blockquote>"
        let main: HTML = """
            <section class="card stack"><h1>\(visit(.retiredPlate))</h1>
            \(if: unsent != nil, Part.notice("<p>\(visit(.nothingTaken))</p>", .active))
            <p>\(visit(.retiredWas)) <strong class="code">\(code)</strong> \(placeName)</p>
            \(if: !words.isEmpty, kept)
            <h2>\(visit(.whatToDo))</h2>
            <ul><li>\(visit(.nearestPlate))</li><li><a href="\(PagePath.start)">\(visit(.enterAnother))</a></li></ul>
            \(Part.hotline(visit))</section>
            """
        return Page(title: visit(.retiredPlate), main: main).html(for: visit)
    }
}
