"""What every engine promises, whoever reads: each test is one promise, asked of each engine.

``engines`` has the engines, each behind a name; one more of them is one more entry there.
"""
