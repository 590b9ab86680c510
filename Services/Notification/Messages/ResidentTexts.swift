import Contracts

/// What residents read. Short: most of it travels as SMS.
let residentTexts: [Template] = [
    Template(
        .received, Titles("已收到您的诉求", "We have received your report"),
        Titles(
            "【{street}】您反映的“{category}”已收到，工单号{number}。办理进度：{status}",
            "[{street}] We have received your report “{category}”, number {number}. Follow it at {status}")),
    Template(
        .accepted, Titles("您的诉求已受理", "Your report has been accepted"),
        Titles(
            "【{street}】您的工单{number}（{category}）已由{unit}受理，我们会尽快答复您。进度：{status}",
            "[{street}] {unit} has accepted your report {number} ({category}) and will answer soon. Follow it at {status}")),
    Template(
        .declined, Titles("您的诉求不予受理", "Your report was not accepted"),
        Titles(
            "【{street}】您的工单{number}不予受理，原因：{reason}。能否申请复核，请看：{status}",
            "[{street}] Your report {number} was not accepted: {reason}. Whether it can be reviewed: {status}")),
    Template(
        .merged, Titles("您的诉求已并单办理", "Your report was joined with another"),
        Titles(
            "【{street}】您的工单{number}与他人反映的同一问题合并办理，结果一样会告知您。进度：{status}",
            "[{street}] Your report {number} is handled together with others about the same matter. Follow it at {status}")),
    Template(
        .withdrawn, Titles("您的工单已撤回", "Your report was withdrawn"),
        Titles(
            "【{street}】您的工单{number}已按您的意愿撤回。",
            "[{street}] Your report {number} was withdrawn as you asked.")),
    Template(
        .kept, Titles("您的工单没有撤回", "Your report was not withdrawn"),
        Titles(
            "【{street}】您要求撤回工单{number}，因{cause}没有撤回，您的要求已记入办理过程。进度：{status}",
            "[{street}] You asked to withdraw your report {number}; {cause}, so it was not. Your wish is on record: {status}"
        )),
    Template(
        .whistled, Titles("已吹哨请街道协调", "The street has been called for help"),
        Titles(
            "【{street}】您的工单{number}（{category}）需要其他单位处理，{unit}已吹哨请街道协调。进度：{status}",
            "[{street}] Your report {number} ({category}) needs other units; {unit} has called the street for help. Follow it at {status}")
    ),
    Template(
        .dispatched, Titles("您的诉求已派单", "Your report is with the units in charge"),
        Titles(
            "【{street}】您的工单{number}（{category}）已派给{units}办理。进度：{status}",
            "[{street}] Your report {number} ({category}) was given to {units}. Follow it at {status}")),
    Template(
        .arrived, Titles("工作人员已到场", "Somebody is on site"),
        Titles(
            "【{street}】{unit}已到场处理您的工单{number}。进度：{status}",
            "[{street}] {unit} is on site for your report {number}. Follow it at {status}")),
    Template(
        .progressed, Titles("您的诉求有新进展", "There is news about your report"),
        Titles(
            "【{street}】您的工单{number}有新进展，{unit}：{text}。进度：{status}",
            "[{street}] News about your report {number} from {unit}: {text}. Follow it at {status}")),
    Template(
        .suspended, Titles("您的诉求暂缓办理", "Your report is on hold"),
        Titles(
            "【{street}】您的工单{number}暂缓办理至{until}，原因：{reason}。到期我们会继续办理。进度：{status}",
            "[{street}] Your report {number} is on hold until {until}: {reason}. We take it up again then. Follow it at {status}")),
    Template(
        .resumed, Titles("您的诉求恢复办理", "Your report has been taken up again"),
        Titles(
            "【{street}】您的工单{number}已恢复办理。进度：{status}",
            "[{street}] Your report {number} has been taken up again. Follow it at {status}")),
    Template(
        .answered, Titles("您的诉求有了答复", "Your report has been answered"),
        Titles(
            "【{street}】您的工单{number}已答复：{text}。详情：{status}",
            "[{street}] Your report {number} has been answered: {text}. Read more at {status}")),
    Template(
        .closed, Titles("您的诉求已办结，请评价", "Your report is closed: please evaluate"),
        Titles(
            "【{street}】您的工单{number}已办结（{ending}）。是否联系、是否解决、是否满意，请您评价：{evaluate}",
            "[{street}] Your report {number} is closed ({ending}). Were you contacted, is it solved, are you satisfied? {evaluate}")),
    Template(
        .reopened, Titles("您的诉求重新办理", "Your report was reopened"),
        Titles(
            "【{street}】您的工单{number}已重新办理，原因：{reason}。进度：{status}",
            "[{street}] Your report {number} was reopened: {reason}. Follow it at {status}")),
]
