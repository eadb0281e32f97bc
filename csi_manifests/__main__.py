"""``python -m csi_manifests`` is the command ``csi-manifests``."""

import sys

from csi_manifests.cli import main

sys.exit(main())
