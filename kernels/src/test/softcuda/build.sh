#!/bin/sh
# build.sh OUT JNI_FOLDER CU_FILE...
# Builds the software CUDA device into OUT: libcuda.so.1, libcudnn.so.9, libcublas.so.12, libcublasLt.so.12 and the
# kernels, libsoftcuda_kernels.so. JNI_FOLDER has libJCudaDriver*.so, libJCudnn*.so and libJCublas2*.so: what these
# import and the device lacks answers "not supported". Only what changed is compiled again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
jni=$2
shift 2

if [ "$(uname -s) $(uname -m)" != "Linux x86_64" ]; then
    echo "no g++: the software CUDA device is built on Linux x86-64 only"
    exit 0
fi
if ! command -v g++ > /dev/null || ! command -v nm > /dev/null; then
    echo "no g++: the software CUDA device is not built"
    exit 0
fi

mkdir -p "$out/objects"
out=$(cd "$out" && pwd)
objects=$out/objects
flags="-std=c++17 -fPIC -fvisibility=hidden -ffp-contract=off"
strict="-Wall -Wextra -Werror"
compiler=$(g++ --version | head -n 1)

# unchanged FILE TEXT: whether FILE was made from TEXT; TEXT is kept beside it by made
key() { { echo "$compiler"; cat; } | sha256sum | cut -c 1-64; }
unchanged() { [ -f "$1" ] && [ -f "$1.key" ] && [ "$(cat "$1.key")" = "$2" ]; }
made() { echo "$2" > "$1.key"; }

headers=$(cat "$here"/*.h | key)

# compile NAME OPTIONS
compile() {
    object=$objects/$1.o
    wanted=$({ echo "$headers $flags $2"; cat "$here/$1.cpp"; } | key)
    if ! unchanged "$object" "$wanted"; then
        g++ $flags $strict $2 -c -o "$object" "$here/$1.cpp"
        made "$object" "$wanted"
    fi
}

# stubs NAME STATUS SYMBOL_PATTERN VERSION OBJECT...: every function that the JNI libraries import from NAME and the objects lack
stubs() {
    name=$1 status=$2 pattern=$3 version=$4
    shift 4
    nm --defined-only "$@" | awk '$2 == "T" { print $3 }' | LC_ALL=C sort -u > "$objects/have"
    nm -D --undefined-only "$jni"/libJ*.so | awk -v pattern="$pattern" -v version="$version" '
        { split($NF, parts, "@") }
        parts[1] ~ pattern && parts[2] == version { print parts[1] }' | LC_ALL=C sort -u > "$objects/need"
    LC_ALL=C comm -13 "$objects/have" "$objects/need" | awk -v status="$status" '
        BEGIN { print ".section .note.GNU-stack,\"\",@progbits\n.text" }
        { print ".globl " $1 "\n.type " $1 ",@function\n" $1 ":" }
        END { print "    movl $" status ", %eax\n    ret" }' > "$objects/$name-stubs.S"
    if [ -n "$version" ]; then
        { echo "$version { global:"; sed 's/$/;/' "$objects/need"; echo "local: *; };"; } > "$objects/$name.map"
    fi
}

# library SONAME STATUS SYMBOL_PATTERN VERSION OPTIONS OBJECT...
library() {
    soname=$1 status=$2 pattern=$3 version=$4 options=$5
    shift 5
    wanted=$({ echo "$soname $options"; cat "$0" "$@"; nm -D "$jni"/libJ*.so; } | key)
    if unchanged "$out/$soname" "$wanted"; then
        return
    fi
    stubs "$soname" "$status" "$pattern" "$version" "$@"
    if [ -n "$version" ]; then
        options="$options -Wl,--version-script,$objects/$soname.map"
    fi
    g++ -shared -o "$out/$soname" -Wl,-soname,"$soname" -Wl,-z,defs "$@" "$objects/$soname-stubs.S" $options -ldl
    made "$out/$soname" "$wanted"
}

# kernels FILE: compiles a .cu for this machine. nvcc judges the source, so g++ warns of nothing. The words of CUDA that
# need care are looked for in what the preprocessor makes of it, so kernels may be named by macros. An address that does
# not fit the type of an access is an error, as on a GPU.
aligned="-fsanitize=alignment -fsanitize-undefined-trap-on-error"
kernels() {
    name=$(basename "$1" .cu)
    text=$objects/kernels-$name.cpp
    g++ -std=c++17 -E -x c++ -I"$here" -include "$here/cuda_host.h" "$1" |
        sed -E 's/extern +__shared__ +(__attribute__ *\(\(aligned\([^()]*\)\)\) *|alignas\([^()]*\) *)?([A-Za-z_][A-Za-z0-9_ :]*[A-Za-z0-9_]) +([A-Za-z_][A-Za-z0-9_]*)\[ *\];/\2 *const \3 = static_cast<\2 *>(softcuda::dynamic_shared());/' > "$text.new"
    tr '\n' ' ' < "$text.new" | grep -oE '__global__ +(__attribute__ *\(\([^;{]*\)\) *)?void +[A-Za-z_][A-Za-z0-9_]* *\([^{;]*[{]' |
        sed -E 's/.*void +([A-Za-z_][A-Za-z0-9_]*) *\(.*/SOFTCUDA_KERNEL(\1)/' > "$objects/kernels-$name.list" || true
    cat "$objects/kernels-$name.list" >> "$text.new"
    mv "$text.new" "$text"
    object=$objects/kernels-$name.o
    wanted=$({ echo "$flags $aligned"; cat "$here/cuda_host_words.h" "$text"; } | key)
    if ! unchanged "$object" "$wanted"; then
        g++ $flags $aligned -w -O2 -include "$here/cuda_host_words.h" -c -o "$object" "$text"
        made "$object" "$wanted"
    fi
}

in_out() { for object in $1; do echo "$objects/$object.o"; done; }

driver="control context errors guard memory copy stream graph ptx module"
for source in $driver; do compile "$source" -O1; done
library libcuda.so.1 801 '^cu[A-Z]' '' '' $(in_out "$driver")

with_driver="$out/libcuda.so.1 -Wl,-rpath,\$ORIGIN"
dnn="half cudnn cudnn_descriptors cudnn_tensors cudnn_convolution cudnn_algorithms"
blas="cublas"
for source in $dnn $blas; do compile "$source" -O2; done
for source in gemm cudnn_arithmetic; do compile "$source" -O3; done
library libcudnn.so.9 3000 '^cudnn' libcudnn.so.9 "$with_driver" $(in_out "$dnn gemm cudnn_arithmetic")
library libcublas.so.12 15 '^cublas' libcublas.so.12 "$with_driver" $(in_out "half $blas gemm")
[ -f "$objects/empty.cpp" ] || echo > "$objects/empty.cpp"
[ -f "$out/libcublasLt.so.12" ] || g++ -shared -o "$out/libcublasLt.so.12" -Wl,-soname,libcublasLt.so.12 -x c++ "$objects/empty.cpp"

compile fibers -O2
kernel_objects="$objects/fibers.o $objects/half.o"
for source in "$@"; do
    kernels "$source"
    kernel_objects="$kernel_objects $objects/kernels-$(basename "$source" .cu).o"
done
wanted=$(cat $kernel_objects | key)
if ! unchanged "$out/libsoftcuda_kernels.so" "$wanted"; then
    g++ -shared -o "$out/libsoftcuda_kernels.so" -Wl,-z,defs $kernel_objects
    made "$out/libsoftcuda_kernels.so" "$wanted"
fi

# What a test that was killed had asked for is not to be found by the next.
rm -f "$out/control"
