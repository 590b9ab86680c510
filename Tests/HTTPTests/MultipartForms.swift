import Testing

/// A body of `multipart/form-data` with the boundary B, and what must come of it.
struct MultipartForm: Sendable, CustomTestStringConvertible {
    let name: String
    let body: [UInt8]
    /// `name[filename]type=content` of each part; nil when the form is refused.
    let parts: [String]?
    let status: Int
    /// Of a refusal's words.
    let reason: String

    init(_ name: String, _ body: [UInt8], _ parts: [String]) {
        (self.name, self.body, self.parts, status, reason) = (name, body, parts, 200, "")
    }
    init(_ name: String, _ body: String, _ parts: [String]) { self.init(name, Array(body.utf8), parts) }
    init(_ name: String, _ body: String, refused reason: String, _ status: Int = 400) {
        (self.name, self.body, parts, self.status, self.reason) = (name, Array(body.utf8), nil, status, reason)
    }
    var testDescription: String { name }

    /// A form of one field `a`, with these lines as its header.
    static func field(_ name: String, header: String, _ content: String = "x", is part: String) -> MultipartForm {
        MultipartForm(name, "--B\r\n\(header)\r\n\r\n\(content)\r\n--B--\r\n", [part])
    }
    static func field(_ name: String, header: String, refused reason: String) -> MultipartForm {
        MultipartForm(name, "--B\r\n\(header)\r\n\r\nx\r\n--B--\r\n", refused: reason)
    }

    /// A part's disposition that ends in this file name parameter.
    static func file(_ name: String, _ parameters: String, is filename: String) -> MultipartForm {
        field(name, header: "Content-Disposition: form-data; name=\"f\"; \(parameters)", is: "f[\(filename)]=x")
    }

    static let a = "Content-Disposition: form-data; name=\"a\"\r\n"

    static let all = clients + shapes + outsides + headers + names + refusals
}

extension MultipartForm {
    /// As programs write them; boundaries made equal. Marked "recorded" where the bytes were taken from the program itself, else
    /// written after its source or documentation.
    static let clients = [
        MultipartForm(
            "curl 7.88, recorded",
            "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n路灯不亮\r\n--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"照片.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n--B--\r\n",
            ["text=路灯不亮", "photo[照片.jpg]image/jpeg=JPEG"]),
        MultipartForm(
            "curl 7.88 with a type and a quote, recorded",
            "--B\r\nContent-Disposition: form-data; name=\"text\"\r\nContent-Type: text/plain;charset=utf-8\r\n\r\na\r\n--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a%22b.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n--B--\r\n",
            ["texttext/plain=a", "photo[a%22b.jpg]image/jpeg=JPEG"]),
        MultipartForm(
            "node 20 (undici), recorded",
            "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n路灯\r\nx\r\n--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"照%22片.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n--B--\r\n",
            ["text=路灯\r\nx", "photo[照%22片.jpg]image/jpeg=JPEG"]),
        MultipartForm("node 20 with an empty form, recorded", "--B--\r\n", []),
        MultipartForm(
            "urllib3 2.7 and 1.26, recorded",
            "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n路灯\r\n--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"照片.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n--B--\r\n",
            ["text=路灯", "photo[照片.jpg]image/jpeg=JPEG"]),
        MultipartForm(
            "requests over an older urllib3 (format_header_param_rfc2231, recorded)",
            "--B\r\nContent-Disposition: form-data; name=\"photo\"; filename*=utf-8''%E7%85%A7%E7%89%87.jpg\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n--B--\r\n",
            ["photo[照片.jpg]image/jpeg=JPEG"]),
        MultipartForm(
            ".NET HttpClient",
            "--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=text\r\n\r\n路灯\r\n--B\r\nContent-Type: image/jpeg\r\nContent-Disposition: form-data; name=photo; filename=\"=?utf-8?B?54Wn54mHLmpwZw==?=\"; filename*=utf-8''%E7%85%A7%E7%89%87.jpg\r\n\r\nJPEG\r\n--B--\r\n",
            ["texttext/plain=路灯", "photo[照片.jpg]image/jpeg=JPEG"]),
        MultipartForm(
            "OkHttp",
            "--B\r\nContent-Disposition: form-data; name=\"text\"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\n\r\n路灯\r\n--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"1.jpg\"\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\nJPEG\r\n--B--\r\n",
            ["texttext/plain=路灯", "photo[1.jpg]image/jpeg=JPEG"]),
        MultipartForm(
            "Apache HttpClient 4",
            "--B\r\nContent-Disposition: form-data; name=\"lat\"\r\nContent-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n31.2304\r\n--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"??.jpg\"\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\nJPEG\r\n--B--\r\n",
            ["lattext/plain=31.2304", "photo[??.jpg]application/octet-stream=JPEG"]),
        MultipartForm(
            "Go mime/multipart",
            "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n路灯\r\n--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a\\\"b\\\\c.jpg\"\r\nContent-Type: application/octet-stream\r\n\r\nJPEG\r\n--B--\r\n",
            ["text=路灯", "photo[a\"b\\c.jpg]application/octet-stream=JPEG"]),
        MultipartForm(
            "WeChat's wx.uploadFile",
            "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n路灯\r\n--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"tmp_4f1c.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n--B--",
            ["text=路灯", "photo[tmp_4f1c.jpg]image/jpeg=JPEG"]),
        MultipartForm(
            "Chromium, no file chosen",
            "--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\r\n--B--\r\n",
            ["photo[]application/octet-stream=", "text="]),
        MultipartForm(
            "Firefox, a quote and a line end in the name",
            "--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a%22%0D%0Ab.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n--B--\r\n",
            ["photo[a%22%0D%0Ab.jpg]image/jpeg=JPEG"]),
        MultipartForm(
            "Dart http",
            "--B\r\ncontent-disposition: form-data; name=\"text\"\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-transfer-encoding: binary\r\n\r\n路灯\r\n--B\r\ncontent-type: image/jpeg\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"1.jpg\"\r\n\r\nJPEG\r\n--B--\r\n",
            ["texttext/plain=路灯", "photo[1.jpg]image/jpeg=JPEG"]),
        MultipartForm(
            "Spring's RestTemplate",
            "--B\r\nContent-Disposition: form-data; name=\"text\"\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: 6\r\n\r\n路灯\r\n--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"=?UTF-8?Q?=E7=85=A7?=\"; filename*=UTF-8''%E7%85%A7\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n--B--\r\n",
            ["texttext/plain=路灯", "photo[照]image/jpeg=JPEG"]),
        MultipartForm(
            "Guzzle",
            "--B\r\nContent-Disposition: form-data; name=\"text\"\r\nContent-Length: 6\r\n\r\n路灯\r\n--B--\r\n", ["text=路灯"]),
        MultipartForm(
            "Python's email package, a long name folded",
            "--B\r\nContent-Type: image/jpeg\r\nMIME-Version: 1.0\r\nContent-Disposition: form-data; name=\"photo\";\r\n filename*=utf-8''%E7%85%A7%E7%89%87.jpg\r\n\r\nJPEG\r\n--B--\r\n",
            ["photo[照片.jpg]image/jpeg=JPEG"]),
    ]

    static let shapes = [
        MultipartForm("one field", "--B\r\n\(a)\r\nx\r\n--B--\r\n", ["a=x"]),
        MultipartForm("no last line end", "--B\r\n\(a)\r\nx\r\n--B--", ["a=x"]),
        MultipartForm("empty content", "--B\r\n\(a)\r\n\r\n--B--\r\n", ["a="]),
        MultipartForm("two parts of one name", "--B\r\n\(a)\r\nx\r\n--B\r\n\(a)\r\ny\r\n--B--\r\n", ["a=x", "a=y"]),
        MultipartForm(
            "content like a boundary", "--B\r\n\(a)\r\n\r\n-\r\n--\r\n--b\r\n\r\r\n--C\r\n--B--\r\n", ["a=\r\n-\r\n--\r\n--b\r\n\r\r\n--C"]),
        MultipartForm("line ends before the boundary", "--B\r\n\(a)\r\n\r\n\r\n\r\n--B--\r\n", ["a=\r\n\r\n"]),
        MultipartForm("the boundary within a line", "--B\r\n\(a)\r\nx--B--\r\n--B--\r\n", ["a=x--B--"]),
        MultipartForm("the boundary behind a bare line feed", "--B\r\n\(a)\r\nx\n--B--\r\n--B--\r\n", ["a=x\n--B--"]),
        MultipartForm("no part at all", "--B--", []),
        MultipartForm("a field's bytes that are no header", "--B\r\n\(a)\r\n: \r\n x\r\n--B--\r\n", ["a=: \r\n x"]),
    ]

    /// What stands outside the parts is dropped (RFC 2046, 5.1.1).
    static let outsides = [
        MultipartForm("a preamble", "This is a multi-part message.\r\n--B\r\n\(a)\r\nx\r\n--B--\r\n", ["a=x"]),
        MultipartForm("an empty line before", "\r\n--B\r\n\(a)\r\nx\r\n--B--\r\n", ["a=x"]),
        MultipartForm("a preamble that looks like a boundary", "-\r\n--\r\n--A\r\n--B\r\n\(a)\r\nx\r\n--B--\r\n", ["a=x"]),
        MultipartForm("an epilogue", "--B\r\n\(a)\r\nx\r\n--B--\r\nmore", ["a=x"]),
        MultipartForm("an epilogue that looks like a part", "--B\r\n\(a)\r\nx\r\n--B--\r\n--B\r\n\(a)\r\ny\r\n--B--\r\n", ["a=x"]),
        MultipartForm("several line ends behind", "--B\r\n\(a)\r\nx\r\n--B--\r\n\r\n\r\n", ["a=x"]),
        MultipartForm("a blank behind a boundary", "--B \r\n\(a)\r\nx\r\n--B--\r\n", ["a=x"]),
        MultipartForm("blanks and tabs behind boundaries", "--B \t \r\n\(a)\r\nx\r\n--B\t\r\n\(a)\r\ny\r\n--B--  \t\r\n", ["a=x", "a=y"]),
        MultipartForm("a blank at the end", "--B\r\n\(a)\r\nx\r\n--B-- ", ["a=x"]),
    ]
}
