"""What property management knows: values, rules and the one function ``visible``.

Standard library only; everything here is pure or frozen.
"""
