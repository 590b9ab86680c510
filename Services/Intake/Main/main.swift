import Intake
import ServiceKit

await Intake.main()
