/// Who evaluates.
public enum Party: String, WireCode {
    case resident
    case staff

    public var titles: Titles {
        switch self {
        case .resident: Titles("居民", "Resident")
        case .staff: Titles("工作人员", "Staff")
        }
    }
}

/// Did anyone get in touch? 联系
public enum Contacted: String, WireCode {
    case yes
    case no

    public var titles: Titles {
        switch self {
        case .yes: Titles("已联系", "Contacted")
        case .no: Titles("未联系", "Not contacted")
        }
    }
}

/// Was it solved? 解决
public enum Solved: String, WireCode {
    case yes
    case partly
    case no

    public var titles: Titles {
        switch self {
        case .yes: Titles("已解决", "Solved")
        case .partly: Titles("部分解决", "Partly solved")
        case .no: Titles("未解决", "Not solved")
        }
    }
}

/// Are you satisfied? 满意
public enum Satisfied: String, WireCode {
    case very
    case yes
    case fair
    case no

    public var titles: Titles {
        switch self {
        case .very: Titles("非常满意", "Very satisfied")
        case .yes: Titles("满意", "Satisfied")
        case .fair: Titles("基本满意", "Fairly satisfied")
        case .no: Titles("不满意", "Not satisfied")
        }
    }
}
