"""Cases that both packages run: each file a table of small programs, one a line.

A line that begins with ". " goes on with the case before it; the value of a case is that of its last expression.
"""

from . import callbacks, calls, cast, memory, names, new, objects


def _lines(table):
    cases = []
    for line in table.strip().splitlines():
        if line.startswith(". "):
            cases[-1] += "\n" + line[2:]
        elif not line.startswith("#"):
            cases.append(line)
    return cases


def cases(declarations):
    """(name, text for cdef, program) of all of them."""
    found = []
    for module in (new, cast, memory, objects, names, calls, callbacks):
        sources = _lines(module.CASES)
        if hasattr(module, "products"):
            sources += module.products()
        area = module.__name__.rsplit(".", 1)[1]
        for source in dict.fromkeys(sources):
            found.append((area, declarations + module.DECLARATIONS, source))
    return found
