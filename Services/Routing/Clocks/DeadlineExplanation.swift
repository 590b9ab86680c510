public import Contracts

extension WorkCalendar {
    /// How a deadline came about, step by step, in Chinese: what a resident or a unit may ask of any limit.
    public func explain(_ limit: ClockLimit, from start: Timestamp) -> [String] {
        let end = due(limit, from: start)
        var steps = ["起算：\(start.chinese)，\(dayText(start.day))"]
        switch limit.unit {
        case .naturalMinutes, .naturalHours, .naturalDays:
            steps.append("时限 \(limit.value) \(limit.unit.chinese)，节假日照常计算")
        case .workingHours:
            let spans = workingTime.map { "\(Timestamp.clock(minute: $0.from))—\(Timestamp.clock(minute: $0.to))" }.joined(separator: "、")
            steps.append("时限 \(limit.value) \(limit.unit.chinese)，只计工作时间 \(spans)")
            steps += workingHourSteps(from: start, to: end)
        case .workingDays:
            steps.append("时限 \(limit.value) \(limit.unit.chinese)，起算当日不计")
            steps += workingDaySteps(from: start, to: end)
        }
        if limit.unit.isWorking, !covers(start.day) || !covers(end.day) {
            steps.append("注意：日历只录到 \(lastDay)，此外按周一至周五计")
        }
        steps.append("到期：\(end.chinese)")
        return steps
    }

    private func workingDaySteps(from start: Timestamp, to end: Timestamp) -> [String] {
        var steps: [String] = []
        var count = 0
        walk(from: start.day.adding(days: 1), to: end.day) { first, last, kind in
            if kind.isWorked {
                count += 1
                let note = if case .makeUpWorkday(let name) = kind { "（\(name)）" } else { "" }
                steps.append("\(first.chinese)\(note)：第 \(count) 个工作日")
            } else {
                steps.append(skipped(first, last, kind))
            }
        }
        return steps
    }

    private func workingHourSteps(from start: Timestamp, to end: Timestamp) -> [String] {
        var steps: [String] = []
        walk(from: start.day, to: end.day) { first, last, kind in
            guard kind.isWorked else { return steps.append(skipped(first, last, kind)) }
            let minutes = working(from: max(start, first.start), to: min(end, first.adding(days: 1).start)) / 60_000
            guard minutes > 0 else { return }
            let note = if case .makeUpWorkday(let name) = kind { "（\(name)）" } else { "" }
            steps.append("\(first.chinese)\(note)：计 \(minutes / 60) 小时 \(minutes % 60) 分")
        }
        return steps
    }

    /// Worked days come one by one, days off of the same kind as one run.
    private func walk(from first: ChineseDay, to last: ChineseDay, _ body: (ChineseDay, ChineseDay, DayKind) -> Void) {
        var number = first.daysSince1970
        let end = last.daysSince1970
        // By number, because the calendar's last day has no day after it.
        while number <= end {
            let day = ChineseDay(daysSince1970: number)
            let kind = kind(of: day)
            var runEnd = number
            while !kind.isWorked, runEnd < end, self.kind(of: ChineseDay(daysSince1970: runEnd + 1)) == kind { runEnd += 1 }
            body(day, ChineseDay(daysSince1970: runEnd), kind)
            number = runEnd + 1
        }
    }

    private func skipped(_ first: ChineseDay, _ last: ChineseDay, _ kind: DayKind) -> String {
        let name = if case .holiday(let name) = kind { name } else { "周末" }
        return first == last ? "\(first.chinese)\(name)，不计" : "\(first.chinese)至\(last.chinese)\(name)，不计"
    }

    private func dayText(_ day: ChineseDay) -> String {
        switch kind(of: day) {
        case .workday: "\(day.chinese)工作日"
        case .weekend: "\(day.chinese)周末"
        case .holiday(let name): "\(day.chinese)\(name)"
        case .makeUpWorkday(let name): "\(day.chinese)\(name)上班"
        }
    }
}
