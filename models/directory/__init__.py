"""The official school directory of NRW ("Grunddaten der Schulen"): reading it, comparing it, choosing a region of it.

`table` turns a file's bytes into rows, `reader` rows into documents, `authorities` numbers into Schulträger; `diff`
compares with the fieldbook, `report` says the difference in German, `region` finds a Kreis by name. Only
`reader.read_directory` and `reader.read_authorities` open files.
"""
