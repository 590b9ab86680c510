import Contracts
import JSON
import Pages

/// What is said at once of a number that was left: that it gets no text messages, where it gets none.
struct ContactNotice: JSONObjectEncodable {
    let kind: TelephoneNumber.Kind

    func write(members o: inout JSONObjectWriter) {
        o.member("kind", kind.rawValue)
        o.member("sms", kind == .mobile)
        o.member("notice", kind.notice?.chinese)
    }
}

extension TelephoneNumber.Kind {
    /// `nil` where text messages arrive.
    var notice: Text? {
        switch self {
        case .mobile: nil
        case .landline: .landlineNotice
        case .hotline: .hotlineNotice
        case .abroad: .abroadNotice
        }
    }
}

extension Text {
    fileprivate static let landlineNotice = Text(
        "您留的是座机，收不到短信。请保存好专属链接，随时打开查看进度；工作人员需要时会打这个电话。",
        "You left a landline, which gets no text messages. Keep the private link to follow your report; staff may call the number.")
    fileprivate static let hotlineNotice = Text(
        "您留的号码收不到短信。请保存好专属链接，随时打开查看进度；工作人员需要时会打这个电话。",
        "The number you left gets no text messages. Keep the private link to follow your report; staff may call the number.")
    fileprivate static let abroadNotice = Text(
        "您留的是内地以外的号码，目前不发短信。请保存好专属链接，随时打开查看进度。",
        "No text messages are sent outside mainland China for now. Keep the private link to follow your report.")
}
