"""Devices, number formats and memory."""
