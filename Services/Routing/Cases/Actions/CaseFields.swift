import Actions
import Contracts
import Pages

typealias ActionField<Value: Sendable> = Actions.ActionField<CaseScene, Value>
typealias FieldForm = Actions.FieldForm<CaseScene>

/// What the choices of a case's actions depend on.
struct CaseScene: Sendable {
    let serviceCase: ServiceCase
    let city: City
}

extension Actions.FieldForm where Subject == CaseScene {
    typealias Scene = CaseScene
}

extension Actions.ActionField where Subject == CaseScene, Value: WireCode {
    /// One of a code's values. `proposed` stands chosen.
    static func code(
        _ name: StaticString, _ title: Text, _ codes: @escaping @Sendable (ServiceCase) -> [Value],
        proposed: @escaping @Sendable (ServiceCase) -> Value? = { _ in nil }
    ) -> Self {
        let choices: FieldForm.Choices = { scene in codes(scene.serviceCase).map { .init($0.rawValue, Text($0.titles)) } }
        let control = FieldForm.Control.choice(choices, proposed: { proposed($0.serviceCase)?.rawValue ?? "" })
        return Self(form: FieldForm(name: name, title: title, control: control)) { values in
            guard let text = values?.first, !text.isEmpty else { return .failure(.notChosen) }
            return Value(rawValue: text).map { .success($0) } ?? .failure(.unknown)
        }
    }
}

extension Actions.ActionField where Subject == CaseScene, Value == Timestamp {
    /// A day's end, or a moment for programs.
    static func day(_ name: StaticString, _ title: Text) -> Self {
        Self(form: FieldForm(name: name, title: title, control: .day)) { values in
            guard let text = values?.first, !text.isEmpty else { return .failure(.notChosen) }
            if let moment = ChineseDay(text)?.at(minute: 1_440) ?? Timestamp(text) { return .success(moment) }
            return .failure(.invalid(Text("请填写日期，例如 2026-12-01", "A date such as 2026-12-01")))
        }
    }
}

extension Actions.ActionField where Subject == CaseScene, Value == DepartmentCode {
    static func department(_ name: StaticString, _ title: Text) -> Self {
        Self(form: FieldForm(name: name, title: title, control: .list { $0.departments })) { values in
            guard let text = values?.first, !text.isEmpty else { return .failure(.notChosen) }
            return DepartmentCode(text).map { .success($0) } ?? .failure(.unknown)
        }
    }
}

extension Actions.ActionField where Subject == CaseScene, Value == [DepartmentCode]? {
    static func departments(_ name: StaticString, _ title: Text, hint: Text?) -> Self {
        let form = FieldForm(name: name, title: title, hint: hint, control: .several { $0.departments }, isRequired: false)
        return Self(form: form) { values in
            guard let codes = values?.map({ DepartmentCode($0) }) else { return .success(nil) }
            return codes.contains(nil) ? .failure(.unknown) : .success(codes.compactMap(\.self))
        }
    }
}

extension Actions.ActionField where Subject == CaseScene, Value == DispatchID? {
    /// Which of the open disputes; a program may leave it out where there is one only.
    static func dispute(_ name: StaticString, _ title: Text) -> Self {
        let form = FieldForm(
            name: name, title: title, control: .choice({ $0.disputes }, proposed: { _ in "" }), isRequired: false)
        return Self(form: form) { values in
            guard let text = values?.first, !text.isEmpty else { return .success(nil) }
            return DispatchID(text).map { .success($0) } ?? .failure(.unknown)
        }
    }
}

extension Actions.ActionField where Subject == CaseScene, Value == OtherCase {
    /// Programs name a case by its id, people by its number.
    static func otherCase(_ name: StaticString, _ title: Text, hint: Text?) -> Self {
        Self(form: FieldForm(name: name, title: title, hint: hint, control: .line)) { values in
            guard let text = values?.first, !text.allSatisfy(\.isWhitespace) else { return .failure(.missing) }
            if let id = CaseID(text) { return .success(.id(id)) }
            if let number = TicketNumber(asTyped: text) { return .success(.number(number)) }
            return .failure(.invalid(.noSuchCase))
        }
    }
}

extension Actions.ActionField where Subject == CaseScene, Value == [PhotoID] {
    static func photos(_ name: StaticString) -> Self {
        let form = FieldForm(name: name, title: Text("照片", "Photos"), control: .ids, isRequired: false)
        return Self(form: form) { values in
            let ids = (values ?? []).map { PhotoID($0) }
            return ids.contains(nil) ? .failure(.unknown) : .success(ids.compactMap(\.self))
        }
    }
}

extension CaseScene {
    var departments: [FieldChoice] {
        city.directory.departments(serving: serviceCase.place.area).map { .init($0.code.description, Text(verbatim: $0.name)) }
    }

    /// Those that are open, by the order that they are about.
    var disputes: [FieldChoice] {
        serviceCase.openDisputes.map { dispute in
            let (unit, ground) = (city.name(of: .department(dispute.department)), dispute.ground.titles)
            return .init(dispute.dispatch.description, Text("\(unit)：\(ground.zhHans)", "\(unit): \(ground.english)"))
        }
    }
}

extension Text {
    init(_ titles: Titles) { self.init(titles.zhHans, titles.english) }
}

extension TicketNumber {
    /// As people type it: with blanks, in small letters.
    init?(asTyped text: String) { self.init(text.filter { !$0.isWhitespace }.uppercased()) }
}
