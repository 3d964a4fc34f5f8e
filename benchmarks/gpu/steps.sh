# The steps of prove.sh. Each runs in a process of its own and in $out/NAME, and its output is the log.
# shellcheck shell=bash disable=SC2154  # what is not set here is prove.sh's

SKIPPED=77

limit_of() { # seconds
    case $1 in
        info|load) echo 90 ;;
        curves|bits|exhaustion) echo 180 ;;
        networks|goldens|deterministic|memory) echo 300 ;;
        training|peers) echo 1500 ;;
        *) echo 570 ;;
    esac
}

skip() { echo "$*" > "$out/$name/why"; exit $SKIPPED; }
fault() { echo "$*" | tee "$out/$name/why" >&2; exit 1; }
figure() { echo "$*" | tee -a "$out/$name/figures"; }

# Sizes: of the real thing, or of a rehearsal.
sized() { if [ -n "$rehearse" ]; then echo "$2"; else echo "$1"; fi; }

environment() {
    echo "date     $(date -u +%Y-%m-%dT%H:%M:%SZ)"
    echo "commit   $(git -C "$root" describe --always --dirty --abbrev=40 --exclude="*" 2>/dev/null || echo unknown)"
    echo "system   $(uname -sr), $(nproc) cores"
    if command -v nvidia-smi > /dev/null; then
        nvidia-smi --query-gpu=index,name,driver_version,memory.total,clocks.max.sm,power.limit --format=csv,noheader |
            sed 's/^/GPU      /'
    else
        echo "GPU      no nvidia-smi"
    fi
}

# java_class CLASS [ARGUMENT...]
java_class() { "$java" $native_access -cp "$classes" "$@"; }

glia() { java_class io.github.glia.unet.cli.Main "$@"; }

# JUnit's console launcher: a kit has it among its jars.
launcher() {
    local version file
    [[ $classes != *junit-console.jar* ]] || return 0
    version=$(sed -n 's|.*<junit.version>5\(.*\)</junit.version>.*|1\1|p' "$root/pom.xml")
    file=$HOME/.m2/repository/org/junit/platform/junit-platform-console-standalone/$version
    file=$file/junit-platform-console-standalone-$version.jar
    [ -f "$file" ] || (cd "$root" && mvn -q -B -N org.apache.maven.plugins:maven-dependency-plugin:3.7.1:get \
        -Dartifact="org.junit.platform:junit-platform-console-standalone:$version") >&2
    echo "$file"
}

# tests PATTERN [COMMAND...]: runs the test classes whose names match, by the command (compute-sanitizer, say).
tests() {
    local pattern=$1 count code
    shift
    "$@" "$java" $native_access -cp "$(launcher):$test_classes:$classes" org.junit.platform.console.ConsoleLauncher execute \
        --disable-banner --disable-ansi-colors --details=tree --scan-classpath "$test_classes" \
        --include-classname "$pattern" --fail-if-no-tests --reports-dir "$out/$name/reports" | tee "$out/$name/tests"
    code=${PIPESTATUS[0]}
    for count in successful failed aborted; do
        figure "$(sed -n "s/^\[ *\([0-9]* tests $count\) *\]/\1/p" "$out/$name/tests")"
    done
    grep -q "on $device\|$device F" "$out/$name/tests" || fault "no test ran on $device"
    return "$code"
}

step_info() {
    command -v nvidia-smi > /dev/null && nvidia-smi
    glia doctor | tee doctor.txt || fault "glia doctor found a fault"
    figure "$(grep "^$device" doctor.txt)"
    grep -q "^$device" doctor.txt || fault "there is no $device"
}

step_contracts() { tests 'io\.github\.glia\.kernels\.(?!conv).*Contract'; }

# cuDNN's, which tries algorithms for each shape: they take longest.
step_convolutions() { tests 'io\.github\.glia\.kernels\.conv\..*Contract'; }

step_transposed() { tests 'io\.github\.glia\.kernels\.convtranspose\..*Contract'; }

step_networks() {
    cd "$root/nn" || exit 1
    tests 'io\.github\.glia\.nn\.(GradientStep|InferenceStep|LayerGradients|Training|Optimizer|Layer|Inference|Checkpoint|Nan|Concurrency|Dropout|MovingAverage)Test'
}

step_goldens() {
    cd "$root/nn" || exit 1
    [ -z "$goldens" ] || export JAVA_TOOL_OPTIONS="$JAVA_TOOL_OPTIONS -Dglia.goldens=$goldens"
    tests 'io\.github\.glia\.nn\.TorchGoldensTest'
}

proof() { # proof PROGRAM ARGUMENT...
    local program=$1
    shift
    java_class "io.github.glia.benchmarks.gpu.$program" "$@"
}

step_curves() {
    local code
    # shellcheck disable=SC2046
    proof LossCurves "$device" $(sized 'lgg 4 64 200' 'tiny 2 16 30') losses.csv f32 tf32 bf16 f16 | tee said
    code=${PIPESTATUS[0]}
    figure "$(cat said)"
    return "$code"
}

step_bits() {
    # shellcheck disable=SC2046
    proof SameBits "$device" $(sized 'lgg 4 128 50' 'tiny 2 16 8') f32 tf32 bf16 f16
}

step_deterministic() {
    local i
    for i in 1 2; do
        rm -rf "run$i"
        # shellcheck disable=SC2046
        glia train --device "$device" --deterministic --seed 7 --precision "$(sized bf16 f32)" --out "run$i" \
            $(sized '--arch lgg --size 128 --batch-size 16 --epochs 2' '--features 4 --depth 2 --size 32 --epochs 1') ||
            fault "training failed"
    done
    cmp run1/model.safetensors run2/model.safetensors || fault "two runs made different models"
    figure "two runs of train --deterministic made the same model: $(sha256sum < run1/model.safetensors | cut -c 1-16)…"
}

step_memory() {
    local sampler='' code
    if command -v nvidia-smi > /dev/null; then
        nvidia-smi --query-gpu=timestamp,memory.used --format=csv -l 2 > used.csv &
        sampler=$!
    fi
    # shellcheck disable=SC2046
    proof SteadyMemory "$device" $(sized 'lgg 4 128 5000 bf16' 'tiny 1 16 100 f32') | tee said
    code=${PIPESTATUS[0]}
    [ -z "$sampler" ] || kill "$sampler"
    figure "$(cat said)"
    return "$code"
}

step_exhaustion() {
    local code
    if [ -n "$rehearse" ]; then # the device of software has 4 GiB of memory unless told otherwise: here, 128 MiB
        printf '\x00\x00\x00\x08\x00\x00\x00\x00' | dd of="$SOFTCUDA_CONTROL" bs=1 seek=88 conv=notrunc status=none
    fi
    # shellcheck disable=SC2046
    proof OutOfMemory "$device" $(sized 'lgg 256 bf16 2048' 'tiny 32 f32 16')
    code=$?
    [ -z "$rehearse" ] || dd if=/dev/zero of="$SOFTCUDA_CONTROL" bs=1 seek=88 count=8 conv=notrunc status=none
    return $code
}

OWN_KERNELS='io\.github\.glia\.kernels\.(activation|batchnorm|cast|concat|dropout|elementwise|globalavgpool|groupnorm|loss|pool|reduce|softmax|update|upsample)\..*Contract'

sanitize() { # sanitize TOOL OPTION...
    local tool=$1
    shift
    command -v compute-sanitizer > /dev/null || skip "there is no compute-sanitizer"
    [ -z "$rehearse" ] || skip "it needs a GPU"
    tests "$OWN_KERNELS" compute-sanitizer --tool "$tool" --target-processes all --error-exitcode 86 "$@" ||
        fault "$tool found an error, or a test failed"
    grep -q 'ERROR SUMMARY' tests || fault "$tool did not see the tests"
    if grep 'ERROR SUMMARY' tests | grep -vq ' 0 errors'; then fault "$tool found an error"; fi
    figure "$(grep 'ERROR SUMMARY' tests | tail -1)"
}

step_memcheck() { sanitize memcheck --report-api-errors no; }

step_racecheck() { sanitize racecheck; }

step_training() {
    local options=(--device "$device" --out run --json figures.json)
    rm -rf run
    if [ -n "$rehearse" ]; then
        options+=(--features 4 --depth 2 --size 32 --epochs "${epochs:-1}")
    else
        options+=(--arch lgg --size 256 --batch-size 16 --precision bf16 ${epochs:+--epochs "$epochs"})
    fi
    [ -z "$data" ] || options+=(--data "$data")
    glia train "${options[@]}" | tee said
    [ "${PIPESTATUS[0]}" = 0 ] || fault "training failed"
    figure "$(tail -n 5 said | grep -v '^report\|^model')"
}

step_load() {
    # shellcheck disable=SC2046
    glia bench --mode load $(sized '--size 256 --batch 16' '--size 64 --batch 4 --seconds 2') \
        ${data:+--data "$data"} --json load.json | tee said
    [ "${PIPESTATUS[0]}" = 0 ] || return 1
    figure "$(cat said)"
}

# shapes BATCH...: what is measured, the batches in this order, and of each what tells most first.
shapes() {
    if [ -n "$rehearse" ]; then
        echo 'lgg train 1 tf32'
        echo 'lgg infer 1 f32'
        return
    fi
    local arch batch precision
    for batch in "$@"; do
        for arch in lgg classic; do
            for precision in bf16 tf32; do
                echo "$arch train $batch $precision"
                echo "$arch infer $batch $precision"
            done
        done
    done
}

number() { sed -n "s/.*\"$1\": *\([0-9.]*\).*/\1/p" "$2" | head -1; }

step_bench() {
    local arch mode batch precision file failed=''
    while read -r arch mode batch precision; do
        file=$arch-$mode-b$batch-$precision
        if [ ! -s "$file.json" ]; then
            echo "-- $file"
            # shellcheck disable=SC2046
            glia bench --device "$device" --arch "$arch" --mode "$mode" --batch "$batch" --precision "$precision" \
                $(sized '--seconds 4' '--seconds 0.1 --size 32') --json "$file.json" < /dev/null || failed="$failed $file"
        fi
        [ ! -s "$file.json" ] || figure "$(printf '%-26s %9.3f ms  %9.1f images/s  %5.1f %% of the limit  %4.1f %% in Java' \
            "$file" "$(number median_ms "$file.json")" "$(number images_per_second "$file.json")" \
            "$(number percent_of_limit "$file.json")" "$(number percent_in_java "$file.json")")"
    done < <(shapes 16 1 64)
    [ -z "$failed" ] || fault "failed:$failed"
}

step_gaps() {
    local arch mode batch precision file line failed=''
    while read -r arch mode batch precision; do
        [ -z "$rehearse" ] || arch=tiny
        file=$arch-$mode-b$batch-$precision
        if [ ! -s "$file.json" ]; then
            echo "-- $file"
            # shellcheck disable=SC2046
            proof LaunchGaps "$device" "$arch" "$mode" "$batch" $(sized 256 16) "$precision" $(sized '2 1024' '0.5 16') \
                "$file.json" < /dev/null > "$file.txt" || failed="$failed $file"
        fi
        [ ! -s "$file.json" ] ||
            while IFS= read -r line; do figure "$(printf '%-23s %s' "$file" "$line")"; done < "$file.txt"
    done < <(shapes 16 1)
    [ -z "$failed" ] || fault "failed:$failed"
}

step_algorithms() {
    local line
    # shellcheck disable=SC2046
    proof ConvolutionTable "$device" $(sized '16 256 256' '1 16 1') . $(sized 'bf16 tf32 f16 f32' 'bf16 tf32') |
        while IFS= read -r line; do figure "$line"; done
    return "${PIPESTATUS[0]}"
}

step_kernels() {
    # shellcheck disable=SC2046
    java_class io.github.glia.benchmarks.Benchmarks $(sized 'Benchmark' 'MaxPoolBenchmark -p pool=32@256') \
        -e StepBenchmark -p device="$device" -p type="$(sized BF16 F32)" -p batch="$(sized 16 1)" \
        -wi 1 -w 200ms -i 3 -r 300ms -foe false --json kernels.json | tee said
    [ "${PIPESTATUS[0]}" = 0 ] || return 1
    ! grep -q '<failure>' said || fault "a benchmark failed"
    figure "$(grep -c '"benchmark":' kernels.json) measurements in kernels.json"
}

step_peers() {
    local arch mode batch precision file failed='' where
    python3 -c 'import torch' || skip "python3 has no torch"
    where=$(sized cuda cpu)
    [ "$where" = cpu ] || python3 -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' ||
        skip "this PyTorch sees no GPU"
    while read -r arch mode batch precision; do
        file=$arch-$mode-b$batch-$precision
        if [ ! -s "$file.json" ]; then
            echo "-- $file"
            # shellcheck disable=SC2046
            python3 "$root/benchmarks/peers/compare.py" --device "$where" --java "$java" --class-path "$classes" \
                --arch "$arch" --mode "$mode" --batch "$batch" --json "$file.json" \
                --precision "$(sized "$precision" f32)" \
                $(sized '--warmup 10 --rounds 10 --turn-seconds 0.2' '--size 32 --rounds 2 --turn-seconds 0.05 --peers contiguous,channels_last,graphs,onnxruntime') \
                < /dev/null | tee "$file.txt"
            [ "${PIPESTATUS[0]}" = 0 ] || failed="$failed $file"
        fi
        [ ! -s "$file.json" ] || figure "$(cat "$file.txt")"
    done < <(shapes 16 1 64)
    [ -z "$failed" ] || fault "failed:$failed"
}
