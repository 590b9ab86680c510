print("devbroker")
