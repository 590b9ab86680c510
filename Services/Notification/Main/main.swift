import Notification
import ServiceKit

await Notification.main()
