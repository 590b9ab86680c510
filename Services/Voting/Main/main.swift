import Voting
