"""Files: checked, rebuilt and kept; named in a case; shown through links that end soon.

Nothing here believes a name or a header. What a file is follows from its content, and images are
decoded and written anew by a process of their own.
"""
