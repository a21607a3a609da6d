"""A function's place in a VPC: its attachment, and what can be reached from there.

moto keeps the VPCs, subnets, route tables, gateways, endpoints and security groups; this room reads
them. Whoever asks what a function may reach gets a reason for "no", in words.
"""
