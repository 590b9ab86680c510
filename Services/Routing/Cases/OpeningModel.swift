import Contracts

/// Understands what was told: where it is, what it is, whose it is. Pure; every answer comes with its reason.
extension City {
    struct Reading: Sendable {
        let opening: CaseOpening
        /// Those that decided.
        let rules: RuleSet
        let report: CaseReport
    }

    func read(_ ticket: TicketSubmitted) -> Reading {
        let (place, whyPlace) = place(of: ticket)
        let rules = rules(in: place.area)
        let (category, whyCategory) = rules.category(of: ticket)
        let routing = rules.catalogue.match(
            CatalogueQuestion(
                category: category.code, area: place.area, urgency: category.urgency,
                channel: ticket.channel, at: ticket.submittedAt))
        return Reading(
            opening: CaseOpening(
                id: ticket.ticket, number: ticket.number, place: place, category: category.code, urgency: category.urgency,
                channel: ticket.channel, routing: routing, submittedAt: ticket.submittedAt, text: PublicText(scrubbing: ticket.text),
                photos: ticket.photos),
            rules: rules,
            report: CaseReport(
                text: ticket.text, photos: ticket.photos, point: ticket.point, hasContact: ticket.hasContact,
                reason: "\(whyPlace)；\(whyCategory)"))
    }

    /// The dispatch that the catalogue makes by itself. A place nobody knows goes to a person first.
    func straightDispatch(of serviceCase: ServiceCase) -> DispatchUnits? {
        serviceCase.routing.goesStraightOut && serviceCase.place.community != nil ? DispatchUnits() : nil
    }

    // MARK: Where

    private func place(of ticket: TicketSubmitted) -> (CasePlace, why: String) {
        var why = "没有铭牌和坐标，位置由街道核实"
        if let code = ticket.plate {
            if let place = try? directory.place(of: code) { return (place, "位置按铭牌 \(code)：\(place.name)") }
            why = "没有铭牌 \(code)，位置由街道核实"
        }
        if let point = ticket.point {
            do {
                let found = try directory.locate(GeoPoint(latitude: point.lat, longitude: point.lng))
                let name = directory.name(of: found.grid)
                let place = CasePlace(
                    street: found.street, community: found.community, grid: found.grid, plate: nil, name: name)
                return (place, "位置按坐标：\(name)\(found.isBorderZone ? "（靠近社区边界，请核实）" : "")")
            } catch {
                why = "\(error.chinese)，位置由街道核实"
            }
        }
        let area = common
        return (CasePlace(street: area, community: nil, grid: nil, plate: nil, name: directory.name(of: area)), why)
    }
}

extension RuleSet {
    fileprivate func category(of ticket: TicketSubmitted) -> (Category, why: String) {
        if let code = ticket.category, let category = categories.byCode[code] {
            return (category, "类别由反映人选择：\(category.name)")
        }
        if let text = ticket.text, let best = classifier.classify(text).first, let category = categories.byCode[best.category] {
            return (category, "类别按文字判断：\(category.name)（\(best.terms.joined(separator: "、"))）")
        }
        return (other, "类别不明，暂归“\(other.name)”")
    }
}
