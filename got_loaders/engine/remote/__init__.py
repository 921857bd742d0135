"""An engine that is somewhere else: another process of this machine, or a server's.

``remote_engine`` is what users hold. A request's story: a ``dialect`` writes it down in the
caller's thread, a ``session`` keeps it until it is completed, ``attempts`` sends it by the shared
``http_client`` in the ``io_thread``, as many at once as ``in_flight`` lets, again after as long as
``backoff`` says, and ``failures`` tells what went wrong. ``protocol`` is what both sides know:
names, prompts, and which error stands for which answer.
"""

from got_loaders.engine.remote.registry import shared_remote_engine
from got_loaders.engine.remote.remote_engine import RemoteEngine

__all__ = ["RemoteEngine", "shared_remote_engine"]
