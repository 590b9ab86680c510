/// A photo as we keep it: upright, sRGB, small, without a word about where, when and by which telephone it was taken.
public struct Photo: Sendable, Equatable {
    public let jpeg: [UInt8]
    /// Pixels.
    public let width: Int
    /// Pixels.
    public let height: Int
}

/// Why there is no photo.
public struct PhotoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An open set; the names are stable, pages translate them.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }

        public static let empty = Code("photo-empty")
        public static let notAnImage = Code("photo-not-an-image")
        /// A picture, but of a kind that is not taken (GIF, SVG, TIFF, film …).
        public static let unsupported = Code("photo-unsupported")
        public static let tooManyPixels = Code("photo-too-many-pixels")
        /// More bytes than the upload limit.
        public static let tooLarge = Code("photo-too-large")
        /// The end is missing: usually an upload that broke off.
        public static let truncated = Code("photo-truncated")
        public static let damaged = Code("photo-damaged")
        public static let tooSlow = Code("photo-too-slow")
        /// The worker died over it, twice.
        public static let crashesWorker = Code("photo-crashes-worker")
        /// Too many photos are waiting; the same photo may be sent again.
        public static let busy = Code("photo-busy")
        /// Not the photo's fault: no worker could be started.
        public static let workerUnavailable = Code("photo-worker-unavailable")
        /// Not the photo's fault: this machine cannot keep a worker from files, network and other processes.
        public static let unconfined = Code("photo-not-accepted-here")
    }
    public let code: Code
    public let detail: String

    init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// Whether sending the same photo again can help.
    public var isTemporary: Bool { code == .busy || code == .workerUnavailable }

    /// Whether the photo has no part in it.
    public var isOurs: Bool { isTemporary || code == .unconfined }

    public var description: String { "\(code): \(detail)" }
}
