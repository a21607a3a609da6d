"""The format of a lab, and how one is found: what every folder in `labs/` is made of.

    lab = load("L06")
    lab.seed(cloud, "ana")                       put the fault and the data of one student
    run(lab.check, Context(cloud, folder, student="ana"))

Learners meet `helpers.teach.lab`. Graders add `hidden_cases(lab)` to the context. A lab's own files
are content only; labs/README.md says how to add one. What seeds put into a cloud, `making` makes,
`clearing` takes away, and `documents` writes the policies.
"""

from helpers.teach.labs import clearing, documents, making
from helpers.teach.labs.finding import hidden_cases, keys, load
from helpers.teach.labs.model import Lab
from helpers.teach.labs.report import report
from helpers.teach.labs.seeding import CITIES, Seeded

__all__ = [
    "CITIES",
    "Lab",
    "Seeded",
    "clearing",
    "documents",
    "hidden_cases",
    "keys",
    "load",
    "making",
    "report",
]
