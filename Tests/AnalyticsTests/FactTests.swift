@testable import Analytics
