import Contracts
import ServiceKit

/// What called units are told on `dispatch.<dept>.v1`: that they are called, called again, called beside others than before, no longer
/// called, or done.
struct DispatchEventMapper: Sendable {
    let city: CurrentCity
    let links: PrivateLinks
    /// The gateway's address, without a slash at its end.
    let publicURL: String

    /// The addresses of photos in a call open so long after its deadline: late work, disputes and second rounds included.
    private static let photosOpen = Duration.seconds(90 * 86_400)

    struct Message: Sendable {
        let department: DepartmentCode
        let event: any Event
    }

    func messages(from before: ServiceCase?, by decision: Decision, _ report: CaseReport) -> [Message] {
        let after = decision.after
        var messages = decision.recalled.compactMap { id in
            after.dispatch(id).map { dispatch in
                Message(
                    department: dispatch.department,
                    event: DispatchRecalled(
                        dispatch: id, ticket: after.id, department: dispatch.department, city: after.place.street.city,
                        street: after.place.street, reason: decision.recallReason ?? "不再需要"))
            }
        }
        let othersChanged = before.map { Set($0.calledUnits) != Set(after.calledUnits) } ?? false
        for dispatch in after.activeDispatches {
            let old = before?.dispatch(dispatch.id)
            // Called again: the work was not accepted, or the dispute was decided against the unit. The same dispatch, so
            // that its answers still fit.
            let isAgain = dispatch.stage == .signed && (old?.stage == .completed || old?.stage == .disputed)
            // Who is still at work must know whom to turn to.
            let isBesideOthers = othersChanged && dispatch.stage != .completed
            if old == nil || isAgain || isBesideOthers {
                messages.append(Message(department: dispatch.department, event: called(dispatch, after, decision, report)))
            }
        }
        if let ending = after.ending, after.state == .closed, before?.state != .closed {
            messages += after.activeDispatches.map { dispatch in
                Message(
                    department: dispatch.department,
                    event: DispatchClosed(
                        dispatch: dispatch.id, ticket: after.id, department: dispatch.department, city: after.place.street.city,
                        street: after.place.street, ending: ending))
            }
        }
        return messages
    }

    private func called(_ dispatch: Dispatch, _ serviceCase: ServiceCase, _ decision: Decision, _ report: CaseReport) -> DispatchCalled {
        let handle = serviceCase.clock(.handle, dispatch.department)?.dueAt ?? serviceCase.clock(.overall)?.dueAt ?? serviceCase.changedAt
        return DispatchCalled(
            dispatch: dispatch.id, ticket: serviceCase.id, number: serviceCase.number, department: dispatch.department,
            city: serviceCase.place.street.city, street: serviceCase.place.street, role: dispatch.role,
            lead: serviceCase.lead?.department ?? dispatch.department,
            coHandlers: serviceCase.activeDispatches.filter { $0.role == .coHandler }.map(\.department), category: serviceCase.category,
            categoryName: city.now.name(of: serviceCase.category), urgency: serviceCase.urgency, text: PublicText(scrubbing: report.text),
            place: place(serviceCase, report),
            photos: report.photos.map { publicURL + links.photo($0, of: serviceCase.id, until: handle.adding(Self.photosOpen)) },
            whistle: serviceCase.whistle?.kind,
            due: DispatchDue(
                sign: serviceCase.clock(.sign, dispatch.department)?.dueAt ?? dispatch.signedAt ?? handle,
                arrive: serviceCase.clock(.arrive, dispatch.department)?.dueAt,
                contact: dispatch.role == .lead ? serviceCase.clock(.contact)?.dueAt : nil, handle: handle),
            hasContact: report.hasContact, basis: decision.callBasis ?? PublicText(scrubbing: serviceCase.routing.basis))
    }

    private func place(_ serviceCase: ServiceCase, _ report: CaseReport) -> DispatchPlace {
        let plate = serviceCase.place.plate.flatMap { city.now.directory.plates[$0]?.point }
        return DispatchPlace(
            name: serviceCase.place.name, lat: plate?.latitude ?? report.point?.lat, lng: plate?.longitude ?? report.point?.lng,
            community: serviceCase.place.community ?? serviceCase.place.street, grid: serviceCase.place.grid, plate: serviceCase.place.plate
        )
    }
}

extension ServiceCase {
    /// Who leads and who helps.
    fileprivate var calledUnits: [CalledUnit] {
        activeDispatches.map { CalledUnit(dispatch: $0.id, department: $0.department, role: $0.role) }
    }
}
