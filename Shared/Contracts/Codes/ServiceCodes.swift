/// Who may write a topic: the five services, and departments from outside.
public enum Service: String, WireCode {
    case intake
    case routing
    case notification
    case voting
    case analytics
    case department

    public var titles: Titles {
        switch self {
        case .intake: Titles("受理", "Intake")
        case .routing: Titles("吹哨派单", "Routing")
        case .notification: Titles("告知", "Notification")
        case .voting: Titles("议事", "Voting")
        case .analytics: Titles("治慧", "Analytics")
        case .department: Titles("部门", "Department")
        }
    }
}

/// What a member of staff may be.
public enum StaffRole: String, WireCode {
    case gridWorker = "grid_worker"
    case community
    case street
    case department
    case district
    case supervisor
    case caller
    case admin

    public var titles: Titles {
        switch self {
        case .gridWorker: Titles("网格员", "Grid worker")
        case .community: Titles("社区", "Community")
        case .street: Titles("街道", "Street centre")
        case .department: Titles("部门", "Department")
        case .district: Titles("区平台", "District platform")
        case .supervisor: Titles("督办人", "Supervisor")
        case .caller: Titles("回访员", "Call-back operator")
        case .admin: Titles("系统管理员", "Administrator")
        }
    }
}

/// The way a message goes out.
public enum DeliveryChannel: String, WireCode {
    case sms
    case email
    case wechat
    case webhook
    case board

    public var titles: Titles {
        switch self {
        case .sms: Titles("短信", "SMS")
        case .email: Titles("电子邮件", "E-mail")
        case .wechat: Titles("微信", "WeChat")
        case .webhook: Titles("接口推送", "Webhook")
        case .board: Titles("公告栏", "Board")
        }
    }
}

/// What became of a message. Unknown: it was handed over and no answer came, so it is not sent twice.
public enum DeliveryOutcome: String, WireCode {
    case sent
    case failed
    case unknown

    public var titles: Titles {
        switch self {
        case .sent: Titles("已送达", "Sent")
        case .failed: Titles("发送失败", "Failed")
        case .unknown: Titles("结果不明", "Unknown")
        }
    }
}
