"""The algebra libraries are told which instructions an Intel processor has; nobody else's choice is touched."""

import os
import subprocess
import sys

import pytest

from brain.processor import kernels_for

AVX512 = "fma avx2 avx512f avx512dq avx512cd avx512bw avx512vl"


@pytest.mark.parametrize(
    ("vendor", "flags", "kernels"),
    [
        ("GenuineIntel", f"sse2 {AVX512} amx_tile", "SkylakeX"),
        ("GenuineIntel", "sse2 avx f16c fma avx2", "Haswell"),
        ("GenuineIntel", "sse2 avx", None),
        ("AuthenticAMD", f"sse2 {AVX512}", None),
    ],
)
def test_the_kernels_are_the_best_that_an_intel_processor_can_run(vendor, flags, kernels):
    one = f"processor\t: 0\nvendor_id\t: {vendor}\nmodel name\t: any : thing\nflags\t\t: {flags}\n"
    assert kernels_for(one + "\n" + one) == kernels


def test_a_system_that_tells_nothing_is_left_alone():
    assert kernels_for("") is None
    assert kernels_for("Processor : ARMv7\nFeatures : neon\n") is None


@pytest.mark.parametrize("asked", [None, "Haswell"])
def test_the_choice_is_made_in_the_environment_and_yields_to_the_operator(asked):
    code = "from brain.processor import *; use_whole_processor(); import os; print(os.environ.get('OPENBLAS_CORETYPE'))"
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | ({"OPENBLAS_CORETYPE": asked} if asked else {}),
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as told:
            expected = kernels_for(told.read())
    except OSError:
        expected = None
    assert done.stdout.strip() == str(asked or expected)
