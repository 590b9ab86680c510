import Routing
import ServiceKit

await Routing.main()
