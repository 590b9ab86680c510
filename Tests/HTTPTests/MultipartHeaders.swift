extension MultipartForm {
    private static let plain = "Content-Disposition: form-data; name=a"

    static let headers: [MultipartForm] = [
        .field("a name without quotes, small letters", header: "content-disposition: Form-Data;name=a", is: "a=x"),
        .field("an unknown header", header: "\(plain)\r\nX-Shao: 1", is: "a=x"),
        .field("an unknown header twice", header: "X: 1\r\nX: 2\r\n\(plain)", is: "a=x"),
        .field("an empty header", header: "\(plain)\r\nX:", is: "a=x"),
        .field("a header in another encoding", header: "\(plain)\r\nContent-Description: 路灯\u{1B}$B", is: "a=x"),
        .field("a length that is wrong", header: "\(plain)\r\nContent-Length: 99", is: "a=x"),
        .field("7bit", header: "\(plain)\r\nContent-Transfer-Encoding: 7bit", is: "a=x"),
        .field("8BIT", header: "\(plain)\r\nContent-Transfer-Encoding: 8BIT", is: "a=x"),
        .field("binary", header: "\(plain)\r\nContent-Transfer-Encoding:binary ", is: "a=x"),
        .field("a type of capitals", header: "\(plain)\r\nContent-Type: Text/PLAIN; Charset=\"UTF-8\"", "路", is: "atext/plain=路"),
        .field("another charset for digits", header: "\(plain)\r\nContent-Type: text/plain; charset=gbk", "31.2", is: "atext/plain=31.2"),
        .field("a type of no form", header: "\(plain)\r\nContent-Type: ;;", is: "a=x"),
        .field("a folded header", header: "Content-Disposition: form-data;\r\n name=a", is: "a=x"),
        .field("a header folded twice, by a tab", header: "Content-Disposition: form-data;\r\n\tname=a;\r\n\t size=3", is: "a=x"),
        .field("a folded header that nobody reads", header: "X: 1\r\n Content-Disposition: form-data; name=b\r\n\(plain)", is: "a=x"),
        .field("a parameter that nobody knows", header: "\(plain); size=3; size=4", is: "a=x"),
        .field("blanks around =", header: "Content-Disposition: form-data ; name = \"a\" ;", is: "a=x"),
        .field("a semicolon at the end", header: "\(plain);", is: "a=x"),
        .field("a name in Chinese, quotes escaped", header: "Content-Disposition: form-data; name=\"诉\\\"求\"", is: "诉\"求=x"),
        .field("a name in Chinese without quotes", header: "Content-Disposition: form-data; name=诉求", is: "诉求=x"),
        .field("an encoded quote in a name", header: "Content-Disposition: form-data; name=\"a%22b\"", is: "a%22b=x"),
        .field("a semicolon in a name", header: "Content-Disposition: form-data; name=\"a;b\"", is: "a;b=x"),
        .field("name* beside name", header: "\(plain); name*=utf-8''b", is: "a=x"),
        .field("an empty name", header: "Content-Disposition: form-data; name=\"\"", is: "=x"),
    ]

    /// A file's name is not used: whatever it looks like, it sinks nothing.
    static let names: [MultipartForm] = [
        .file("a path", "filename=\"../a.jpg\"", is: "../a.jpg"),
        .file("a backslash", "filename=\"C:\\a.jpg\"", is: "C:\\a.jpg"),
        .file("a backslash at the end", "filename=\"C:\\\"", is: "C:\\"),
        .file("no quotes", "filename=a.jpg", is: "a.jpg"),
        .file("no quotes, blanks inside", "filename=my photo (1).jpg", is: "my photo (1).jpg"),
        .file("no quotes, Chinese", "filename=照片.jpg", is: "照片.jpg"),
        .file("empty without quotes", "filename=", is: ""),
        .file("a quote inside", "filename=\"a\"b.jpg\"", is: "a\"b.jpg"),
        .file("no closing quote", "filename=\"a.jpg", is: "a.jpg"),
        .file("a semicolon inside", "filename=\"a;b.jpg\"", is: "a;b.jpg"),
        .file("another parameter behind it", "filename=\"a.jpg\"; size=3", is: "a.jpg"),
        .file("filename* beside it", "filename=\"x.jpg\"; filename*=utf-8''%E7%85%A7.jpg", is: "照.jpg"),
        .file("filename* before it", "filename*=UTF-8''a.jpg; filename=x.jpg", is: "a.jpg"),
        .file("filename* with a language", "filename*=UTF-8'zh'%E7%85%A7.jpg", is: "照.jpg"),
        .file("filename* in quotes", "filename*=\"UTF-8''%E7%85%A7.jpg\"", is: "照.jpg"),
        .file("filename* in another encoding", "filename=x.jpg; filename*=GBK''%D5%D5.jpg", is: "x.jpg"),
        .file("filename* in another encoding alone", "filename*=GBK''%D5%D5.jpg", is: "GBK''%D5%D5.jpg"),
        .file("filename* malformed", "filename*=utf-8''%E7%8", is: "utf-8''%E7%8"),
        .file("filename* that is no UTF-8", "filename*=utf-8''%FF.jpg", is: "utf-8''%FF.jpg"),
        .file("filename* of no form", "filename*=照片.jpg", is: "照片.jpg"),
        .file("two file names", "filename=a.jpg; filename=b.jpg", is: "a.jpg"),
        .file("an encoded word", "filename=\"=?utf-8?B?54Wn54mHLmpwZw==?=\"", is: "=?utf-8?B?54Wn54mHLmpwZw==?="),
        .file("a NUL", "filename=\"a\u{0}b.jpg\"", is: "a\u{0}b.jpg"),
        .file("a NUL without quotes", "filename=a\u{0}.jpg; size=3", is: "a\u{0}.jpg"),
        .file("NULs alone", "filename=\"\u{0}\u{0}\"", is: "\u{0}\u{0}"),
        .file("control bytes", "filename=\"a\u{1}\u{1B}b.jpg\"", is: "a\u{1}\u{1B}b.jpg"),
        MultipartForm(
            "a name in GBK",
            Array("--B\r\nContent-Disposition: form-data; name=f; filename=\"".utf8) + [0xD5, 0xD5, 0xC6, 0xAC]
                + Array(".jpg\"\r\n\r\nx\r\n--B--\r\n".utf8), ["f[\u{FFFD}\u{FFFD}Ƭ.jpg]=x"]),
        MultipartForm(
            "a name in GBK whose last byte is a backslash",
            Array("--B\r\nContent-Disposition: form-data; name=f; filename=\"".utf8)
                + [0x81, 0x5C] + Array("\"\r\n\r\nx\r\n--B--\r\n".utf8), ["f[\u{FFFD}\\]=x"]),
    ]

    static let refusals: [MultipartForm] = [
        MultipartForm("nothing", "", refused: "end is missing"),
        MultipartForm("another boundary", "--C\r\n\(a)\r\nx\r\n--C--\r\n", refused: "end is missing"),
        MultipartForm("no end", "--B\r\n\(a)\r\nx\r\n", refused: "end is missing"),
        MultipartForm("half an end", "--B\r\n\(a)\r\nx\r\n--B-", refused: "end is missing"),
        MultipartForm("an end within a header", "--B\r\n\(a)", refused: "end is missing"),
        MultipartForm("bare LF after a boundary", "--B\n\(a)\r\nx\r\n--B--\r\n", refused: "a boundary is malformed"),
        MultipartForm("bare LF after a header", "--B\r\nContent-Disposition: form-data; name=a\n\r\nx\r\n--B--\r\n", refused: "CR LF"),
        MultipartForm("bare LF at the end", "--B\r\n\(a)\r\nx\r\n--B--\n", refused: "a boundary is malformed"),
        MultipartForm("bare CR in a header", "--B\r\nX: a\rb\r\n\(a)\r\nx\r\n--B--\r\n", refused: "control byte"),
        MultipartForm("a longer boundary", "--B\r\n\(a)\r\nx\r\n--BB--\r\n", refused: "a boundary is malformed"),
        MultipartForm("a word behind a boundary", "--B x\r\n\(a)\r\nx\r\n--B--\r\n", refused: "a boundary is malformed"),
        MultipartForm("a word behind the last boundary", "--B\r\n\(a)\r\nx\r\n--B-- x\r\n", refused: "a boundary is malformed"),
        MultipartForm("no header at all", "--B\r\n\r\nx\r\n--B--\r\n", refused: "no Content-Disposition"),
        MultipartForm("no disposition", "--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--\r\n", refused: "no Content-Disposition"),
        MultipartForm("two dispositions", "--B\r\n\(a)\(a)\r\nx\r\n--B--\r\n", refused: "two Content-Dispositions"),
        .field("no name", header: "Content-Disposition: form-data", refused: "no name"),
        .field("a file without a name", header: "Content-Disposition: form-data; filename=a.jpg", refused: "no name"),
        .field("name* alone", header: "Content-Disposition: form-data; name*=utf-8''a", refused: "no name"),
        .field("two names", header: "Content-Disposition: form-data; name=a; name=b", refused: "two names"),
        .field(
            "a second name within a file's name", header: "Content-Disposition: form-data; name=a; filename=\"x\"; name=\"b\"",
            refused: "two names"),
        .field("attachment", header: "Content-Disposition: attachment; name=a", refused: "not form-data"),
        .field("an open quote in a name", header: "Content-Disposition: form-data; name=\"a", refused: "not form-data"),
        .field("a blank in a bare name", header: "Content-Disposition: form-data; name=a b", refused: "not form-data"),
        .field("a control byte in a name", header: "Content-Disposition: form-data; name=\"a\u{1}\"", refused: "no text"),
        .field(
            "base64", header: "Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64", refused: "transfer encoding"),
        .field(
            "quoted-printable", header: "Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: quoted-printable",
            refused: "transfer encoding"),
        .field("a header without a colon", header: "Content-Disposition form-data", refused: "no colon"),
        .field("a blank before the colon", header: "Content-Disposition : form-data; name=a", refused: "no token"),
        .field("a fold before the first header", header: " X: 1\r\nContent-Disposition: form-data; name=a", refused: "no token"),
        .field("NUL in a name", header: "Content-Disposition: form-data; name=\"a\u{0}\"", refused: "not form-data"),
        .field("NUL in a bare name", header: "Content-Disposition: form-data; name=a\u{0}", refused: "not form-data"),
        .field("NUL in another parameter", header: "Content-Disposition: form-data; name=a; size=\"\u{0}\"", refused: "not form-data"),
        .field("NUL in a header", header: "Content-Disposition: form-data; name=a\r\nX: \u{0}", refused: "control byte"),
        MultipartForm("too many parts", String(repeating: "--B\r\n\(a)\r\nx\r\n", count: 5) + "--B--\r\n", refused: "at most 4", 413),
        MultipartForm(
            "a large header", "--B\r\n\(a)X: \(String(repeating: "x", count: 500))\r\n\r\nx\r\n--B--\r\n", refused: "larger", 431),
        MultipartForm("a large field", "--B\r\n\(a)\r\n\(String(repeating: "x", count: 21))\r\n--B--\r\n", refused: "larger", 413),
        MultipartForm(
            "a large file",
            "--B\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n\(String(repeating: "x", count: 61))\r\n--B--\r\n",
            refused: "larger", 413),
        MultipartForm(
            "a large preamble", String(repeating: "x", count: 99) + "\r\n--B\r\n\(a)\r\nx\r\n--B--\r\n", refused: "outside its parts"),
        MultipartForm(
            "a large epilogue", "--B\r\n\(a)\r\nx\r\n--B--\r\n" + String(repeating: "x", count: 99), refused: "outside its parts"),
        MultipartForm(
            "many blanks behind a boundary", "--B\(String(repeating: " ", count: 99))\r\n\(a)\r\nx\r\n--B--\r\n",
            refused: "outside its parts"),
    ]
}
