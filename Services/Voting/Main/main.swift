import Voting
import ServiceKit

await Voting.main()
