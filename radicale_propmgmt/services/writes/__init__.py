"""What clients write into books of contacts: change, create, remove, move (DESIGN §6).

The order of decision is fixed: right, visibility, precondition, content. A refusal is an outcome, not an exception,
where it must leave something behind: the nudge by which the device fetches the truth back, the proposal, the count.
"""
