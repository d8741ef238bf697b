"""What an exported Python file says of the image files; needs torch, safetensors and Pillow.

Usage: python by_python_file.py MODEL, in the folder of the material.
"""

import json
import runpy
import sys
from importlib.util import find_spec
from pathlib import Path


def main(model: str) -> None:
    """Write the probabilities of all images as JSON."""
    for package in ("glyphlab", "numpy", "onnxruntime"):
        assert find_spec(package) is None, f"{package} is installed, which proves nothing"
    (file,) = Path("exports", "python", model).glob("*.py")
    names = runpy.run_path(str(file))
    network = names["load"]()
    paths = json.loads(Path("images.json").read_text())
    said = [names["predict"](Path("images", path), network)[0].tolist() for path in paths]
    Path(f"{model}.python.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1])
