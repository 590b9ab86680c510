import Actions
import Contracts
import HTTP
import Pages

/// 上报: what somebody tells us, before it has a number. Anybody may, by the channels that are theirs (``ChannelRule``), at a plate or a
/// point; it begins a case.
///
/// The fields' names, labels, limits and refusals stand here and nowhere else. What reads them is not derived from them, as it is elsewhere: a
/// program's JSON has a point and a contact within it (`SubmitJSON.swift`), a form comes as a stream with photos of megabytes between its
/// fields (`UploadTicket.swift`), and both are where a street's load arrives, up to thousands a second. The strict reader goes from bytes to
/// values; the derived one would make a dictionary with an array and a text for each field on the way.
struct Submit: Sendable, Equatable {
    static let title = Text("上报", "Report")
    typealias Form = FieldForm<[FieldChoice]>

    static let plateField = Form(name: "plate", title: Text("牌号", "Plate"), control: .code)
    static let latField = Form(name: "lat", title: Text("纬度", "Latitude"), control: .code)
    static let lngField = Form(name: "lng", title: Text("经度", "Longitude"), control: .code)
    static let datumField = Form(name: "crs", title: Text("坐标系", "Datum"), control: .code, isRequired: false)
    static let channelField = Form(name: "channel", title: Text("渠道", "Channel"), control: .code, isRequired: false)
    /// The chips of a plate.
    static let categoryField = Form(
        name: "category", title: Text("是什么问题？", "What is the problem?"),
        control: .chips({ [FieldChoice(unsure, Text("不确定", "Not sure"))] + $0 }, proposed: unsure), isRequired: false)
    /// What the chip 「不确定」 sends.
    static let unsure = "unsure"
    static let textField = Form(
        name: "text", title: Text("补充说明（可不填）", "Anything to add? (optional)"),
        hint: Text("可以用键盘上的语音输入", "You can use your keyboard's voice input"), control: .words(rows: 2, limit: 1_000),
        isRequired: false)
    static let elsewhereField = Form(
        name: "elsewhere", title: Text("问题实际在哪里", "Where is the problem really?"),
        hint: Text("例如「往东第二根灯杆」", "For example “second lamp post to the east”"), control: .line, isRequired: false)
    static let phoneField = Form(
        name: "phone", title: Text("手机号（可不填）", "Phone (optional)"), hint: Text("只用于告诉您结果", "Only used to tell you the result"),
        control: .telephone, isRequired: false)
    /// The page's own Idempotency-Key.
    static let keyField = Form(name: "key", title: Text("幂等键", "Key"), control: .code, isRequired: false)
    /// 「我也遇到」: the number of the report that it joins.
    static let alsoField = Form(name: "also", title: Text("我也遇到", "Me too"), control: .code, isRequired: false)
    static let fields = [
        plateField, latField, lngField, datumField, categoryField, textField, elsewhereField, phoneField, channelField, keyField, alsoField,
    ]

    /// Files, in a form only.
    static let photo: StaticString = "photo"
    static let photoLimit = 3
    static let photoBytes = 12 << 20
    /// Of all that is said, the place in words included.
    static let wordLimit = WordLimit(2_000)

    var channel: Channel = .web
    var plate: PlateCode?
    var position: Position?
    var category: CategoryCode?
    var words: String?
    var phone: String?

    /// Whether anything at all is said: a photo, a chip or words.
    func saysSomething(photos: Int) -> Bool { photos > 0 || category != nil || words != nil }

    /// Pure checks; the first that fails names its member.
    func check(photos: Int) throws(Problem) {
        if plate == nil && position == nil { throw .wrong("#/plate", "place-missing", "Say where: a plate's code or a point.") }
        guard saysSomething(photos: photos) else { throw Refusal.nothingSaid.problem }
        if let position { try Self.check(position) }
        if let words {
            guard Self.wordLimit.holds(words) else { throw Refusal.textTooLong.problem }
            guard !words.utf8.contains(0) else { throw Refusal.textNotValid.problem }
        }
        if phone != nil, number == nil { throw Refusal.phoneNotValid.problem }
    }

    /// The telephone number, read.
    var number: TelephoneNumber? { phone.flatMap { TelephoneNumber($0) } }

    /// What was said, and where it really is, as one text; nil when nothing was.
    static func words(_ text: String?, elsewhere: String?) -> String? {
        let parts = [text, elsewhere.map { "位置：\($0)" }].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: "\n")
    }

    /// What is kept.
    func ticket(_ id: TicketID, number ticketNumber: TicketNumber, at now: Timestamp) -> Ticket {
        Ticket(
            id: id, number: ticketNumber, channel: channel, plate: plate, point: position?.point, category: category, words: words,
            phone: number?.description, submittedAt: now)
    }

    /// What is said. Personal numbers stay here; the event carries the words without them.
    static func event(_ ticket: Ticket, photos: [PhotoID]) -> TicketSubmitted {
        TicketSubmitted(
            ticket: ticket.id, number: ticket.number, channel: ticket.channel, plate: ticket.plate, point: ticket.point,
            category: ticket.category, text: PublicText(scrubbing: ticket.words), photos: photos,
            hasContact: ticket.phone != nil, submittedAt: ticket.submittedAt)
    }

    /// China and its waters, roughly: nearer checks are routing's. A swapped pair is told apart, because it is so common.
    private static func check(_ position: Position) throws(Problem) {
        if isInChina(lat: position.lat, lng: position.lng) { return }
        if isInChina(lat: position.lng, lng: position.lat) {
            throw .wrong("#/point", "coordinates-swapped", "Latitude and longitude are swapped.")
        }
        guard position.point != nil else { throw .wrong("#/point", "point-out-of-range", "There is no such point on earth.") }
        throw .wrong("#/point", "point-out-of-area", "The point is not where this service works.")
    }

    private static func isInChina(lat: Double, lng: Double) -> Bool { (3...54).contains(lat) && (73...136).contains(lng) }
}

extension Submit {
    /// What a person can put right at the plate's page: for programs the member and the code, for people the field and the words.
    struct Refusal: Sendable {
        let code: String
        let pointer: String
        let detail: String
        let field: StaticString
        let words: Text

        var problem: Problem { .wrong(pointer, code, detail) }
        var errors: FormErrors { FormErrors(["\(field)": words]) }

        static let nothingSaid = Refusal(
            code: "nothing-said", pointer: "#/text", detail: "Send a photo, a category or a text.", field: photo,
            words: Text("请拍一张照片，或者选一个问题", "Take a photo or choose what the problem is"))
        static let textTooLong = Refusal(
            code: "text-too-long", pointer: "#/text", detail: "At most \(wordLimit.characters) characters.", field: textField.name,
            words: Text("说明请不要超过 1000 字", "Please keep it under 1000 characters"))
        static let textNotValid = Refusal(
            code: "text-not-valid", pointer: "#/text", detail: "The text holds a NUL.", field: textField.name,
            words: Text("说明里有不能识别的字符，请改一下", "The text holds characters we cannot read; please change it"))
        static let phoneNotValid = Refusal(
            code: "phone-not-valid", pointer: "#/contact/phone",
            detail: "A mobile number of 11 digits, a landline with its area code, or a number abroad with +.", field: phoneField.name,
            words: Text(
                "手机号应是 11 位数字，座机请加区号，境外号码请以 + 开头；不想留可以空着",
                "A mobile number has 11 digits, a landline needs its area code, a number abroad its +; you may leave it empty"))
        static let all = [nothingSaid, textTooLong, textNotValid, phoneNotValid]
    }
}
