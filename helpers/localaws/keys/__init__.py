"""KMS keys: what the state of a key lets be done with it. (Who may use it says the gateway.)"""
