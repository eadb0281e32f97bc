"""What a setup is made of: functions that turn it into objects, in the order in which they are to be applied.

Each takes the setup and gives resources; a team composes its own bundle from them, as :func:`csi_manifests.build` does.
"""
