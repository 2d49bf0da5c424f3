"""Other people's formats: PFIF, and tables as CSV or XLSX. They become foreign records, of which the use cases make cases."""
