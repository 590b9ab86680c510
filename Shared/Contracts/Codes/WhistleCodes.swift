/// What a community whistles 吹哨 for.
public enum WhistleKind: String, WireCode {
    case daily
    case tough
    case emergency

    public var titles: Titles {
        switch self {
        case .daily: Titles("日常哨", "Daily whistle")
        case .tough: Titles("攻坚哨", "Tough whistle")
        case .emergency: Titles("应急哨", "Emergency whistle")
        }
    }
}

/// A called unit's part in a case.
public enum DispatchRole: String, WireCode {
    case lead
    case coHandler = "co"

    public var titles: Titles {
        switch self {
        case .lead: Titles("主办", "Lead")
        case .coHandler: Titles("协办", "Co-handler")
        }
    }
}

/// Why a unit says that a case is not its own 派单异议.
public enum DisputeGround: String, WireCode {
    case notOurDuty = "not_our_duty"
    case notOurPlace = "not_our_place"
    case noPower = "no_power"
    case wrongLead = "wrong_lead"
    case duplicate
    case unclear
    case done

    public var titles: Titles {
        switch self {
        case .notOurDuty: Titles("非本单位职责", "Not our duty")
        case .notOurPlace: Titles("不在辖区", "Not our place")
        case .noPower: Titles("无执法权限", "No legal power")
        case .wrongLead: Titles("主办单位有误", "Another unit should lead")
        case .duplicate: Titles("重复派单", "Dispatched before")
        case .unclear: Titles("信息不全", "Too little is known")
        case .done: Titles("已办结", "Done already")
        }
    }
}

/// What became of a dispute 裁定.
public enum Verdict: String, WireCode {
    case uphold
    case reassign

    public var titles: Titles {
        switch self {
        case .uphold: Titles("维持派单", "Upheld")
        case .reassign: Titles("改派", "Reassigned")
        }
    }
}
