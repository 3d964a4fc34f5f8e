#!/bin/sh
# make-ptx.sh [ROOM...]: makes the PTX of all rooms, or of these, from their .cu files. Needs nvcc of CUDA 12 or 13.
#
# PTX for compute_75 uses nothing that PTX 8.0 lacks, but nvcc writes the newest version it knows, which older drivers
# refuse; so the version is set to 8.0, which every driver since CUDA 12.0 takes. That it holds is checked by the tests,
# with CUDA 12.0's assembler, and here with ptxas where there is one.
set -eu
cd "$(dirname "$0")"
out=../resources/io/github/glia/kernels/cuda
mkdir -p "$out"
[ $# -gt 0 ] || set -- $(ls ./*.cu | sed 's,.*/,,; s,\.cu$,,')
for room; do
    ptx="$out/$room.ptx"
    # -fmad=false: a*b+c is rounded twice, as Java and the reference do it; these kernels wait for memory, not for arithmetic
    nvcc -ptx -arch=compute_75 -fmad=false -o "$ptx.new" "$room.cu"
    {
        # headers do not include each other: a room's file names all that it needs
        parts="$(sed -n 's/^#include "\(.*\)"/\1/p' "$room.cu") $room.cu"
        # shellcheck disable=SC2086 # the names of our own files, which have no spaces
        echo "// made by make-ptx.sh from" $parts, "sha256 $(cat $parts | sha256sum | cut -d' ' -f1)"
        sed -e '/^\/\//d' -e 's/^\.version .*/.version 8.0/' "$ptx.new"
    } > "$ptx"
    rm "$ptx.new"
    if command -v ptxas > /dev/null; then
        for gpu in sm_75 sm_80 sm_86 sm_89 sm_90; do ptxas -arch=$gpu -o /dev/null "$ptx"; done
    fi
    echo "$room.ptx"
done
