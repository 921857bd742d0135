"""An engine that is somewhere else: another process of this machine, or a server's.

``protocol`` is what both sides know: names, prompts, and which error stands for which answer.
"""
