import PageForms
import Testing

/// The reader that plays a browser's forms: it can do no more than a person could.
struct PageFormTests {
    private let page = """
        <form method="get" action="/find"><input name="number" value="a &amp; &quot;b&quot;"></form>
        <form method="post" action="/act" enctype="multipart/form-data" novalidate><input type="hidden" name="csrf" value="x">
        <input type="radio" name="kind" value="a" checked><input type="radio" name="kind" value="b">
        <select id="lead" name="lead"><option value="">choose</option><option value="u">U</option></select>
        <input type="checkbox" name="co" value="u"><input type="checkbox" name="co" value="v">
        <textarea name="text">
        old &lt;words&gt;</textarea><input type="file" name="photo" multiple><button type="submit" name="go" value="1">go</button></form>
        """

    @Test func `a form sends what a browser would send`() throws {
        let forms = PageForm.all(in: page)
        #expect(forms.map(\.action) == ["/find", "/act"] && forms.map(\.method) == ["get", "post"])
        #expect(forms.map(\.isMultipart) == [false, true])
        #expect(forms[0]["number"]?.values == ["a & \"b\""])
        #expect(forms[1].pairs.map { "\($0.name)=\($0.value)" } == ["csrf=x", "kind=a", "lead=", "text=old <words>"])
        var form = forms[1]
        try form.fill(["kind": ["b"], "lead": ["u"], "co": ["u", "v"], "text": ["新 +\n"]])
        #expect(form.encoded == "csrf=x&kind=b&lead=u&co=u&co=v&text=%E6%96%B0+%2B%0D%0A")
    }

    @Test(arguments: [("csrf", "y"), ("kind", "c"), ("lead", "w"), ("photo", "p"), ("ending", "solved")])
    func `what the page does not offer cannot be sent`(name: String, value: String) {
        var form = PageForm.all(in: page)[1]
        #expect(throws: PageForm.Refusal.self) { try form.fill([name: [value]]) }
    }
}
