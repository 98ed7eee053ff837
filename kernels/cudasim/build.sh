#!/bin/sh
# build.sh OUTDIR builds the simulator in OUTDIR: libcuda.so.1, the cuBLAS stand-in, the kernel sources as
# host code in OUTDIR/kernels, and the NCCL stand-in in OUTDIR/nccl, where programs find it only if told.
set -eu
out=$1
here=$(cd "$(dirname "$0")" && pwd)
cuda=${CUDA_INCLUDE:-/usr/include}
mkdir -p "$out/kernels" "$out/objects" "$out/nccl"
out=$(cd "$out" && pwd)
cxx="${CXX:-g++} -std=c++17 -fPIC -pthread -Wall -Wextra -Werror"

# unknown HEADER PATTERN OBJECT... prints, for each function that the header declares and no
# object defines, a function that reports its name.
unknown() {
    header=$1 pattern=$2
    shift 2
    nm -g --defined-only "$@" | awk '{print $3}' | sort >"$out/objects/defined"
    printf 'extern "C" [[noreturn]] void cudasim_unknown(const char *);\n'
    ${CXX:-g++} -E -I"$cuda" "$cuda/$header" | grep -oE "\\b$pattern[A-Za-z0-9_]* *\\(" | tr -d '( ' | sort -u |
        comm -23 - "$out/objects/defined" |
        sed 's/.*/extern "C" void &() { cudasim_unknown("&"); }/'
}

objects=
for source in "$here"/src/*.cc; do
    name=$(basename "$source" .cc)
    $cxx -O3 -Wno-psabi -I"$cuda" -c "$source" -o "$out/objects/$name.o"
    test "$name" = blas || test "$name" = nccl || objects="$objects $out/objects/$name.o"
done

unknown cuda.h 'cu[A-Z]' $objects >"$out/objects/unknown_cuda.cc"
$cxx -shared -Wl,-soname,libcuda.so.1 -o "$out/libcuda.so.1" $objects "$out/objects/unknown_cuda.cc" -ldl

# As in the real library, the name of the library is the version of its symbols.
major=$(sed -nE 's/^#define CUBLAS_VER_MAJOR +([0-9]+).*/\1/p' "$cuda/cublas_api.h")
blas=libcublas.so.$major
unknown cublas_v2.h 'cublas[A-Z]' "$out/objects/blas.o" >"$out/objects/unknown_blas.cc"
printf '%s { global: *; };\n' "$blas" >"$out/objects/blas.map"
$cxx -shared -Wl,-soname,"$blas" -Wl,--version-script="$out/objects/blas.map" -o "$out/$blas" \
    "$out/objects/blas.o" "$out/objects/unknown_blas.cc" -L"$out" -l:libcuda.so.1

$cxx -shared -Wl,-soname,libnccl.so.2 -o "$out/nccl/libnccl.so.2" "$out/objects/nccl.o" -L"$out" -l:libcuda.so.1

# The kernel names are found after the preprocessor, so macros may make them. The sanitizer calls the handlers of
# src/sanitize.cc: without the default libraries, its own are not linked.
for source in "$here"/../*.cu "$here"/testdata/*.cu; do
    test -e "$source" || continue
    name=$(basename "$source" .cu)
    unit=$out/objects/$name.cu.cc
    {
        printf '#include "%s/src/device.h"\n#include "%s"\n' "$here" "$source"
        printf 'extern "C" const cudasim_entry cudasim_entries[] = {\n'
        ${CXX:-g++} -E -P -x c++ -I"$here/.." "$source" | tr '\n' ' ' | sed 's/__launch_bounds__ *([^)]*)//g' |
            grep -oE '__global__ +(void|static|inline| )+ +[A-Za-z_][A-Za-z0-9_]* *\(' |
            sed -E 's/.*[ ]([A-Za-z_][A-Za-z0-9_]*) *\($/    CUDASIM_ENTRY(\1),/'
        printf '    {nullptr, nullptr, nullptr, 0, nullptr},\n};\n'
    } >"$unit"
    $cxx -O2 -ffp-contract=off -fno-math-errno -w \
        -fsanitize=bounds,alignment,shift,integer-divide-by-zero -fno-sanitize-recover=all \
        -I"$here/.." -fmacro-prefix-map="$here/=" -shared -o "$out/kernels/$name.so" "$unit" -L"$out" -l:libcuda.so.1 -fno-sanitize=null \
        -nodefaultlibs -lstdc++ -lm -lc -lgcc
done
