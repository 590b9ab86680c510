import Contracts

/// What people of the demo street say; all invented.
enum DemoTexts {
    static let reports: [String] = [
        "今天路过发现的，请尽快看看。", "晚上特别不方便，老人小孩都走这里。", "已经好几天了。", "", "", "小区门口，天天都这样。", "下雨以后更严重了。",
        "上次修过，又坏了。", "有安全隐患，请快点处理。", "麻烦转给管这个的部门，谢谢。",
    ]
    static let whistles: [String] = ["社区没有执法权，请街道协调。", "需要专业队伍和设备。", "涉及两家单位，社区协调不动。"]
    static let answers: [String] = ["已到现场处理，恢复正常。", "已联系物业当天整改完成。", "已清理，并加密巡查。"]
    static let completions: [String] = ["已到场处理，恢复正常。", "设施已更换，现场已清理。", "已修复并做了加固，三天内回看。"]
    static let thanks: [String] = ["谢谢，很快。", "", "态度很好。", "处理及时。"]
    static let complaints: [String] = ["还是老样子，没有解决。", "只回复了，没来人。"]
    static let grounds: [DisputeGround] = [.notOurDuty, .notOurPlace, .noPower, .wrongLead]
}
