"""PDFs through PyMuPDF: pages, their labels, the document's own information."""
