"""The bill of materials: a CycloneDX list of the environment on standard input, kept to what is pinned, without addresses.

The packages that carry model weights are not installed, so they are added with the hash that they are fetched by.
"""

import json
import re
import sys
from pathlib import Path

CI = Path(__file__).parent


def name(text: str) -> str:
    """A package's name in its normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", text).lower()


pinned = {name(line.split("==")[0]) for line in (CI / "constraints.txt").read_text().splitlines() if "==" in line}
found = json.load(sys.stdin)
components = []
for component in found["components"]:
    if name(component["name"]) in pinned:
        kept = {key: component[key] for key in ("bom-ref", "type", "name", "description", "licenses", "purl") if key in component}
        components.append(
            {**kept, "version": component["version"].partition("+")[0], "purl": kept["purl"].partition("?")[0].partition("%2B")[0]}
        )
for package, version, digest in re.findall(
    r"^(\S+)==(\S+) --hash=sha256:(\w+)", (CI / "models.txt").read_text() + (CI / "second.txt").read_text(), re.MULTILINE
):
    components.append({
        "bom-ref": f"{package}=={version}", "type": "data", "name": package, "version": version,
        "hashes": [{"alg": "SHA-256", "content": digest}], "purl": f"pkg:pypi/{package}@{version}",
    })  # fmt: skip
components.sort(key=lambda component: name(component["name"]))
held = {component["bom-ref"] for component in components} | {"root-component"}
depends = [
    {"ref": one["ref"], "dependsOn": [ref for ref in one.get("dependsOn", ()) if ref in held]}
    for one in found.get("dependencies", ())
    if one["ref"] in held
]
whole = {
    "bomFormat": "CycloneDX",
    "specVersion": found["specVersion"],
    "version": 1,
    "metadata": {"component": {key: value for key, value in found["metadata"]["component"].items() if key != "externalReferences"}},
    "components": components,
    "dependencies": depends,
}
(CI.parent / "docs" / "bom.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
