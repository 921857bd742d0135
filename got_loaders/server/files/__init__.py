"""Files that a client uploads first, and has read by ``/v1/ocr`` or a job afterwards."""
