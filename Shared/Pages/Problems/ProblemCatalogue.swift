/// What the stable codes of problem+json mean, for those who follow a problem's `type` (`/problems/<code>`).
public enum ProblemCatalogue {
    /// The code's meaning and what to do about it; nil for a code that nobody sends.
    public static func meaning(of code: String) -> Text? {
        reports[code] ?? cases[code] ?? evaluations[code] ?? http[code]
    }

    /// Every code there is, in alphabetical order.
    public static var codes: [String] {
        Set(reports.keys).union(cases.keys).union(evaluations.keys).union(http.keys).sorted()
    }

    /// Intake.
    static let reports: [String: Text] = [
        "place-missing": Text("没有说明地点：请给出牌号或坐标。", "No place was given: send a plate's code or a point."),
        "nothing-said": Text("没有内容：照片、类别、文字至少要有一样。", "Nothing was said: send a photo, a category or a text."),
        "plate-unknown": Text("没有这块牌子。请核对牌上的 8 位编号。", "There is no such plate. Check its 8 characters."),
        "plate-not-valid": Text("牌号不对：应是牌上的 8 位编号。", "This is no plate code; it has 8 characters."),
        "category-unknown": Text("没有这个类别。可用的类别见牌子或目录。", "There is no such category. See the plate's chips or the catalogue."),
        "category-not-valid": Text("类别编号的格式不对，应如 E06010。", "This is no category code; they look like E06010."),
        "channel-not-valid": Text("没有这个来源渠道。", "There is no such channel."),
        "channel-not-open": Text("这个渠道不能用来上报。", "Nobody can report through this channel."),
        "channel-not-yours": Text("这个来源渠道要由有权限的系统或工作人员登记。", "Only a system or staff with that right may claim this channel."),
        "lat-not-valid": Text("纬度不是数字。", "The latitude is not a number."),
        "lng-not-valid": Text("经度不是数字。", "The longitude is not a number."),
        "coordinates-swapped": Text("经度和纬度写反了。", "Latitude and longitude are swapped."),
        "point-out-of-range": Text("地球上没有这个坐标。", "There is no such point on earth."),
        "point-out-of-area": Text("坐标不在服务范围内。", "The point is not where this service works."),
        "missing-member": Text("缺少一项内容。", "Something required is missing."),
        "unknown-member": Text("有一项不认识的内容。请核对字段名。", "There is a field nobody knows. Check the names."),
        "duplicate-member": Text("同一项出现了两次。", "The same field is there twice."),
        "text-too-long": Text("文字太长，最多 2000 字。", "The text is too long; 2000 characters at most."),
        "text-not-valid": Text("文字里有不能识别的字符。", "The text holds characters that cannot be stored."),
        "phone-not-valid": Text("电话号码不对：手机 11 位，座机要有区号，境外号码以 + 开头。", "Not a phone number: 11 digits, or a landline with area code."),
        "too-many-photos": Text("照片最多三张。", "Three photos at most."),
        "photo-empty": Text("照片文件是空的。", "The photo file is empty."),
        "photo-not-an-image": Text("这个文件不是照片。", "The file is not a photo."),
        "photo-unsupported": Text("不支持这种图片。请用 JPEG、PNG、WebP 或 HEIC。", "This kind of picture is not taken: use JPEG, PNG, WebP or HEIC."),
        "photo-too-many-pixels": Text("图片的像素太多。", "The picture has too many pixels."),
        "photo-too-large": Text("照片要小于 12 MB。", "A photo must be smaller than 12 MB."),
        "photo-truncated": Text("照片不完整，可能上传中断了。请再传一次。", "The photo's end is missing; the upload may have broken off."),
        "photo-damaged": Text("照片已损坏，打不开。", "The photo is damaged."),
        "photo-needs-too-much-memory": Text("照片太复杂，无法处理。请换一张。", "The photo cannot be processed; choose another."),
        "photo-too-slow": Text("照片处理超时。请换一张。", "The photo took too long; choose another."),
        "photo-crashes-worker": Text("照片无法处理。请换一张。", "The photo cannot be processed; choose another."),
        "photo-busy": Text("现在处理的照片太多，请过几秒再试。", "Too many photos are waiting; try again in seconds."),
        "photo-share-used": Text(
            "短时间内收到您这边的照片太多，请过一会儿再试。", "Too many photos came from here in a short time; try again later."),
        "photo-not-accepted-here": Text("照片暂时无法接收，没有照片的上报仍可提交。", "Photos cannot be taken now; reports without photos are."),
        "photo-worker-unavailable": Text("照片处理暂不可用，请过几秒再试。", "Photos cannot be processed now; try again in seconds."),
        "idempotency-key-not-valid": Text(
            "Idempotency-Key 应是 1 至 128 个可见 ASCII 字符。", "An Idempotency-Key has 1 to 128 visible ASCII characters."),
        "idempotency-key-reused": Text("这个 Idempotency-Key 用过，内容却不同。", "This Idempotency-Key was used with another request."),
        "numbers-used-up": Text("今天的工单号已用完，请拨打 12345。", "Today's ticket numbers are used up; call 12345."),
        "not-filed": Text("没有存下来，什么都没有改变。请再试一次。", "It was not stored; nothing changed. Try again."),
        "busy": Text("现在人太多，请过一会儿再试，不会重复。", "Too busy just now; try again, it will not count twice."),
        "case-under-way": Text(
            "已经开始办理，不能再撤回；进展在您的专属链接里。", "Work on it has begun: it cannot be withdrawn any more. Your private link shows how it goes on."),
        "ticket-closed": Text("工单已经办结，不能再撤回。", "The case is over and cannot be withdrawn."),
        "ticket-unknown": Text("这里没有这件上报。", "There is no such report here."),
    ]

    /// Voting and notification.
    static let evaluations: [String: Text] = [
        "token-missing": Text("缺少评价链接里的口令。", "The evaluation link's token is missing."),
        "token-not-asked": Text("这里不需要口令。", "No token is asked for here."),
        "ticket-missing": Text("缺少工单。", "The ticket is missing."),
        "ticket-not-asked": Text("这里不需要工单。", "No ticket is asked for here."),
        "reason-unknown": Text("没有这个原因。", "There is no such reason."),
        "reason-twice": Text("同一个原因选了两次。", "The same reason is there twice."),
        "not-closed-yet": Text("还没有办结，办结后再评价。", "The case is not closed yet; evaluate it then."),
        "already-evaluated": Text("已经评价过了。", "It was evaluated before."),
        "evaluation-expired": Text("评价期已过。", "The time for evaluating is over."),
        "not-retriable": Text("这次告知不能重发。", "This delivery cannot be sent again."),
    ]

    /// The server and what all services share.
    static let http: [String: Text] = [
        "not-parked": Text("没有搁置这件工单。", "Nothing of that subject is parked."),
        "fails-again": Text("又失败了，什么都没有改变。", "It failed again; nothing was changed."),
        "no-rebuild": Text("没有正在进行的重建。", "No rebuild is under way."),
        "no-such-projection": Text("没有这个投影。", "There is no such projection."),
        "rebuild-under-way": Text("正在重建，请等它结束。", "A rebuild is under way; wait for its end."),
        "invalid": Text("内容没有通过校验，错误逐条列在 errors 里。", "The content is not valid; errors lists each place."),
        "bad-json": Text("不是合格的 JSON。", "This is not strict JSON."),
        "not-found": Text("没有这个地址，或者您无权查看。", "There is nothing here, or it is not yours."),
        "unauthorized": Text("请先登录。", "Sign in first."),
        "sign-in-required": Text("请先登录。", "Sign in first."),
        "service-token-required": Text("这里只供服务之间使用。", "Only the services themselves may ask this."),
        "forbidden": Text("没有权限。", "You may not do this."),
        "method-not-allowed": Text("这个地址不支持这样的操作。", "This address does not take that method."),
        "unsupported-media-type": Text("内容的格式不受支持。", "The content's type is not taken here."),
        "body-too-large": Text("内容太大。", "The body is too large."),
        "part-too-large": Text("表单里有一项太大。", "One part of the form is too large."),
        "part-header-too-large": Text("表单里有一项的头部太大。", "One part's header is too large."),
        "too-many-parts": Text("表单里的项目太多。", "The form has too many parts."),
        "bad-multipart": Text("表单的格式不对。", "The form is malformed."),
        "bad-query": Text("地址里的参数不对。", "The query is not valid."),
        "bad-parameters": Text("参数不对。", "A parameter is not valid."),
        "duplicate-parameter": Text("同一个参数出现了两次。", "A parameter is there twice."),
        "too-many-parameters": Text("参数太多。", "There are too many parameters."),
        "unavailable": Text("服务暂不可用，请稍后再试。", "The service is not available; try again later."),
        "cancelled": Text("请求被中断。", "The request was cancelled."),
        "internal": Text("系统内部错误，我们已有记录。", "Something failed on our side; it is recorded."),
        "too-many-requests": Text(
            "短时间内从您这里来的请求太多，请稍等片刻再试。", "Too much came from your address in a short time. Wait a little and try again."),
        "too-many-bodies": Text(
            "您这里同时上传的内容太多。请等其中几个传完再试。", "Too many uploads are under way from your address; let some end first."),
        "out-of-memory": Text(
            "现在上传的内容太多，请过几秒再试。什么都没有改变。", "Too much is being uploaded just now; try again in seconds. Nothing was changed."),
        "request-timeout": Text("请求传得太慢。", "The request came too slowly."),
        "body-cut-short": Text("内容没有传完，连接就断了。", "The connection ended before the body did."),
        "bad-request-line": Text("请求行的格式不对。", "The request line is malformed."),
        "bad-header": Text("请求头的格式不对。", "A request header is malformed."),
        "bad-host": Text("Host 不对。", "The Host is not valid."),
        "bad-target": Text("请求的地址格式不对。", "The request target is malformed."),
        "bad-framing": Text("请求的长度说明不对。", "The request's framing is malformed."),
        "bad-chunk": Text("分块传输的格式不对。", "A chunk is malformed."),
        "target-too-long": Text("请求的地址太长。", "The request target is too long."),
        "head-too-large": Text("请求头太大。", "The request head is too large."),
        "trailers-too-large": Text("请求尾部太大。", "The trailers are too large."),
        "coding-not-implemented": Text("不支持这种传输编码。", "The transfer coding is not supported."),
        "method-not-implemented": Text("不认识这个方法。", "The method is not known."),
        "version-not-supported": Text("只支持 HTTP/1.1 和 HTTP/1.0。", "Only HTTP/1.1 and HTTP/1.0 are spoken."),
        "expectation-failed": Text("只支持 Expect: 100-continue。", "The only expectation met is 100-continue."),
    ]
}
