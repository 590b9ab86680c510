public import JSON

extension Topics {
    /// Areas, departments, categories and plates. Owner: routing. Key: the area's, department's, category's or plate's code.
    /// 12 partitions, 14 days.
    public static let directory = internalTopic("directory.v1", .routing, readers: [.intake, .notification, .voting, .analytics])

    static let directoryEvents: [EventKind] = [
        EventKind(AreaRegistered.self), EventKind(DepartmentRegistered.self), EventKind(CategoryRegistered.self),
        EventKind(PlateRegistered.self), EventKind(AreaRetired.self), EventKind(DepartmentRetired.self), EventKind(CategoryRetired.self),
        EventKind(PlateRetired.self),
    ]
}

/// Something of the city is known, known by a new name, or retired. Its subject is its code.
public protocol DirectoryEvent: Event {}

extension DirectoryEvent {
    public static var topic: Topic { Topics.directory }
}

/// Something of the city is known, or known by a new name. What was retired may be registered again.
public protocol RegistrationEvent: DirectoryEvent {
    var name: String { get }
}

/// Something of the city is no longer in use: nothing new is about it. What was done keeps its code, and readers keep its name for that.
public protocol RetirementEvent: DirectoryEvent {}

/// An area is known, or known by a new name.
public struct AreaRegistered: RegistrationEvent, Hashable {
    public static var type: String { "area.registered" }
    public var subject: String { area.description }

    public var area: AreaCode
    public var level: AreaLevel
    public var name: String
    public var parent: AreaCode?

    public init(area: AreaCode, level: AreaLevel, name: String, parent: AreaCode? = nil) {
        self.area = area
        self.level = level
        self.name = name
        self.parent = parent
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            area: try m.required("area"), level: try m.required("level"), name: try m.text("name"),
            parent: try m.optional("parent"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("area", area)
        o.member("level", level)
        o.member("name", name)
        o.member("parent", parent)
    }
}

/// A department or other unit can be called.
public struct DepartmentRegistered: RegistrationEvent, Hashable {
    public static var type: String { "department.registered" }
    public var subject: String { department.description }

    public var department: DepartmentCode
    public var name: String

    public init(department: DepartmentCode, name: String) {
        self.department = department
        self.name = name
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(department: try m.required("department"), name: try m.text("name"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("department", department)
        o.member("name", name)
    }
}

/// The catalogue knows a category, or knows it by a new name: what may be reported even where no plate offers it.
public struct CategoryRegistered: RegistrationEvent, Hashable {
    public static var type: String { "category.registered" }
    public var subject: String { category.description }

    public var category: CategoryCode
    public var name: String

    public init(category: CategoryCode, name: String) {
        self.category = category
        self.name = name
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(category: try m.required("category"), name: try m.text("name"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("category", category)
        o.member("name", name)
    }
}

/// A QR plate hangs somewhere. Coordinates are WGS-84 degrees.
public struct PlateRegistered: RegistrationEvent, Hashable {
    public static var type: String { "plate.registered" }
    public var subject: String { plate.description }

    public var plate: PlateCode
    public var kind: PlateKind
    public var name: String
    public var lat: Double
    public var lng: Double
    public var grid: AreaCode
    public var community: AreaCode
    public var street: AreaCode
    /// What can be reported here with one touch.
    public var chips: [PlateChip]

    public init(
        plate: PlateCode, kind: PlateKind, name: String, lat: Double, lng: Double, grid: AreaCode,
        community: AreaCode, street: AreaCode, chips: [PlateChip]
    ) {
        self.plate = plate
        self.kind = kind
        self.name = name
        self.lat = lat
        self.lng = lng
        self.grid = grid
        self.community = community
        self.street = street
        self.chips = chips
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(
            plate: try m.required("plate"), kind: try m.required("kind"), name: try m.text("name"),
            lat: try m.degrees("lat", upTo: 90), lng: try m.degrees("lng", upTo: 180),
            grid: try m.required("grid"), community: try m.required("community"),
            street: try m.required("street"), chips: try m.required("chips"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("plate", plate)
        o.member("kind", kind)
        o.member("name", name)
        o.member("lat", lat)
        o.member("lng", lng)
        o.member("grid", grid)
        o.member("community", community)
        o.member("street", street)
        o.member("chips", chips)
    }
}

/// A choice offered to whoever scans a plate.
public struct PlateChip: Sendable, Hashable, JSONObjectDecodable, JSONObjectEncodable {
    public var category: CategoryCode
    public var label: String

    public init(category: CategoryCode, label: String) {
        self.category = category
        self.label = label
    }

    public init(members m: inout JSONMembers) throws(JSONError) {
        self.init(category: try m.required("category"), label: try m.text("label"))
    }

    public func write(members o: inout JSONObjectWriter) {
        o.member("category", category)
        o.member("label", label)
    }
}

/// An area is no longer one of the city.
public struct AreaRetired: RetirementEvent, Hashable {
    public static var type: String { "area.retired" }
    public var subject: String { area.description }

    public var area: AreaCode

    public init(area: AreaCode) { self.area = area }

    public init(members m: inout JSONMembers) throws(JSONError) { self.init(area: try m.required("area")) }

    public func write(members o: inout JSONObjectWriter) { o.member("area", area) }
}

/// A department or other unit is no longer called.
public struct DepartmentRetired: RetirementEvent, Hashable {
    public static var type: String { "department.retired" }
    public var subject: String { department.description }

    public var department: DepartmentCode

    public init(department: DepartmentCode) { self.department = department }

    public init(members m: inout JSONMembers) throws(JSONError) { self.init(department: try m.required("department")) }

    public func write(members o: inout JSONObjectWriter) { o.member("department", department) }
}

/// The catalogue no longer knows a category: nothing more is reported under it.
public struct CategoryRetired: RetirementEvent, Hashable {
    public static var type: String { "category.retired" }
    public var subject: String { category.description }

    public var category: CategoryCode

    public init(category: CategoryCode) { self.category = category }

    public init(members m: inout JSONMembers) throws(JSONError) { self.init(category: try m.required("category")) }

    public func write(members o: inout JSONObjectWriter) { o.member("category", category) }
}

/// A QR plate is no longer in use.
public struct PlateRetired: RetirementEvent, Hashable {
    public static var type: String { "plate.retired" }
    public var subject: String { plate.description }

    public var plate: PlateCode

    public init(plate: PlateCode) { self.plate = plate }

    public init(members m: inout JSONMembers) throws(JSONError) { self.init(plate: try m.required("plate")) }

    public func write(members o: inout JSONObjectWriter) { o.member("plate", plate) }
}
