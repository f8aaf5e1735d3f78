"""What the processor offers: its cores, and its own instructions for the algebra libraries.

scipy 1.10, which Rasa holds us to, carries OpenBLAS 0.3.18. On an Intel processor made after it (2022 and later), that
library falls back on the instructions of 2004: factoring the kernel then takes six times longer (measured:
28 Gflop/s instead of 167). OpenBLAS reads the name of the kernels to use in `OPENBLAS_CORETYPE`
(«Setting the CPU target using environment variables», OpenBLAS user manual), once, when it is loaded.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional, Set, Text

__all__ = ["cores", "kernels_for", "use_whole_processor"]

ASKED = "OPENBLAS_CORETYPE"
CPUINFO = Path("/proc/cpuinfo")
KERNELS = {  # best first: the instructions that each needs, as Linux names them
    "SkylakeX": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
    "Haswell": {"avx2", "fma"},
}


def cores() -> int:
    """How many this process may use, where the system says it; else how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def use_whole_processor() -> None:
    """To be called before numpy and scipy are imported. Leaves another choice, maker or system alone."""
    if ASKED not in os.environ and CPUINFO.exists():
        found = kernels_for(CPUINFO.read_text(encoding="utf-8", errors="replace"))
        if found:
            os.environ[ASKED] = found


def kernels_for(cpuinfo: Text) -> Optional[Text]:
    """The kernels for the first processor of /proc/cpuinfo, None when OpenBLAS is to choose."""
    lines = [line.partition(":") for line in cpuinfo.partition("\n\n")[0].splitlines()]
    said = {name.strip(): value.strip() for name, _, value in lines}
    flags: Set[Text] = set(said.get("flags", "").split())
    if said.get("vendor_id") != "GenuineIntel":
        return None
    return next((name for name, needed in KERNELS.items() if needed <= flags), None)
