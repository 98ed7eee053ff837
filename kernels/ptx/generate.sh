#!/bin/sh
# Compiles every .cu of the package to PTX for compute capability 7.0, which every later
# card can run, and tabulates what ptxas makes of it. Run it by `go generate` after a
# change of a .cu or of a header; it needs nvcc, ptxas and cuobjdump (CUDA 11.8 or 12).
#
# The first line of a PTX file names its sources and their SHA-256, all in a row; a test
# holds it against them.
set -eu
cd "$(dirname "$0")/.."

compiler=${NVCC_CCBIN:+-ccbin $NVCC_CCBIN}
if [ -z "$compiler" ] && ! command -v g++-11 >/dev/null && command -v clang-14 >/dev/null; then
    compiler="-ccbin clang-14" # for the toolkit of Debian bookworm, which refuses its g++-12
fi

table=../bench/results/ptxas.txt
mkdir -p ../bench/results
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# compile makes the PTX of a source and what ptxas says of it.
compile() {
    source=$1
    stem=${source%.cu}
    sources=$(cc -x c++ -MM "$source" | sed 's/^[^:]*: //; s/\\$//' | xargs) # it and its headers
    sum=$(cat $sources | sha256sum | cut -d ' ' -f 1)
    nvcc $compiler -ptx -std=c++17 -arch=compute_70 -O3 -fmad=false -o "$work/$stem.ptx" "$source"
    { echo "// sha256 $sum $sources"; cat "$work/$stem.ptx"; } >"ptx/$stem.ptx"
    for arch in sm_70 sm_80 sm_90; do
        ptxas -v -arch=$arch -o "$work/$stem.cubin" "ptx/$stem.ptx" 2>"$work/$stem.report"
        cuobjdump -sass "$work/$stem.cubin" |
            awk '/Function : / { kernel = $3 } /LDG\.E.*\.128/ { n[kernel]++ } END { for (k in n) print "wide", k, n[k] }' |
            cat - "$work/$stem.report" >"$work/$stem.$arch"
    done
}

compiling=
for source in *.cu; do
    compile "$source" &
    compiling="$compiling $!"
done
for process in $compiling; do
    wait "$process"
done

# Occupancy is that of blocks of 256 threads on a multiprocessor with 65536 registers and
# 2048 threads, shared memory of 96, 164 and 228 KiB; a warp's registers come in 256s.
{
    echo "# $(ptxas --version | tail -1), of PTX for compute_70; blocks of 256 threads"
    echo "# loads16 counts the instructions that load 16 bytes, in the disassembly"
    echo "# kernel arch registers shared_bytes spill_bytes loads16 occupancy_percent sources_sha256"
    for source in *.cu; do
        stem=${source%.cu}
        for arch in sm_70 sm_80 sm_90; do
            awk -v arch=$arch -v sum="$(sed -n '1s/^[^ ]* sha256 \([0-9a-f]*\) .*/\1/p' "ptx/$stem.ptx")" '
                /^wide / { wide[$2] = $3 }
                /Compiling entry function/ { split($0, part, "\047"); kernel = part[2] }
                /spill stores/ { match($0, /[0-9]+ bytes spill stores/); spill = substr($0, RSTART) + 0
                                 match($0, /[0-9]+ bytes spill loads/); spill += substr($0, RSTART) + 0 }
                /Used [0-9]+ registers/ {
                    match($0, /Used [0-9]+/); registers = substr($0, RSTART + 5, RLENGTH - 5) + 0
                    shared = 0
                    if (match($0, /[0-9]+ bytes smem/)) shared = substr($0, RSTART) + 0
                    warp = int((registers * 32 + 255) / 256) * 256
                    blocks = int(int(65536 / warp) / 8)
                    if (blocks > 8) blocks = 8
                    size = arch == "sm_70" ? 96 : arch == "sm_80" ? 164 : 228
                    if (shared > 0 && blocks > int(size * 1024 / (shared + 1024))) blocks = int(size * 1024 / (shared + 1024))
                    printf "%-17s %s %3d %6d %d %2d %3d %s\n", kernel, arch, registers, shared, spill, wide[kernel], blocks * 256 * 100 / 2048, sum
                }' "$work/$stem.$arch"
        done
    done
} >"$table"
