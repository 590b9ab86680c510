import ServiceKit
import Voting

await Voting.main()
