"""The process that an engine starts: it says its port, then serves until it is ended."""

import sys
from pathlib import Path

# An engine runs this folder by its path; the modules in it import each other as a package.
sys.path.append(str(Path(__file__).resolve().parent.parent))

from aws_stand_in.server import serve  # needs the path

serve()
