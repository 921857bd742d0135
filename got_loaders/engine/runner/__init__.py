"""One step of the running batch on a device."""
