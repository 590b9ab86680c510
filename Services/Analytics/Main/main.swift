import Analytics
import ServiceKit

await Analytics.main()
