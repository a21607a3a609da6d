"""The one door that every AWS request comes through (``door.py``), and its five desks.

Nothing is imported here: most rooms need ``call.py`` to know for whom they work.
"""
