"""``python -m csi_manifests``, which is the command ``csi-manifests``."""

import gc
import os
import sys

from csi_manifests.cli import main


def start() -> None:
    """Run the command line in a process of its own, and end that."""
    # Importing makes a great many objects and no garbage; to look for some in between takes a tenth of a render.
    gc.set_threshold(100_000, 50, 50)
    # Plugins of other packages have no business in a command, and looking for them takes 15 ms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.exit(main())


if __name__ == "__main__":
    start()
