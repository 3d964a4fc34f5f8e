#!/usr/bin/env bash
# prove.sh [OPTION...] [STEP|GROUP...]
#
# Shows on a machine with a GPU whether Glia computes rightly there, trains, and how fast: step by step, each with its
# own limit of time; one that fails does not stop the others. Everything is written to one folder; the same folder may
# be given again, to add steps or to go on with measurements that are not there yet.
#
#   correct   info contracts convolutions transposed networks goldens curves bits deterministic memory exhaustion
#             memcheck racecheck
#   train     training
#   speed     load bench gaps algorithms kernels peers
#
# Without a STEP all of them run. Exit code: 0 if none failed, else 1.
#
#   --out DIR         the folder (default: target/prove/DATE-TIME)
#   --device NAME     default: cuda:0
#   --kit RUN.SH      of a packed project, where this checkout is not built: its Java and its classes are used
#   --within SECONDS  for everything: no step runs on after that, and none begins with little of it left
#   --together        the steps beside each other, where their times do not count
#   --goldens DIR     more answers of PyTorch, for the step goldens
#   --data DIR        slices to train on (default: made-up brains)
#   --epochs N        of the training
#   --rehearse        small sizes, on the CUDA device of software: shows that this script works, and nothing of a GPU
#
# Environment: GLIA_JAVA_OPTIONS (more JVM options).
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=steps.sh
source "$here/steps.sh"

correct=(info contracts convolutions transposed networks goldens curves bits deterministic memory exhaustion memcheck racecheck)
speed=(load bench gaps algorithms kernels peers)
least=15 # seconds in which a step can do something

die() { echo "prove.sh: $*" >&2; exit 2; }

# The step's own process, so that it can be stopped with all that it started.
if [ "${1:-}" = --one ]; then
    name=$2
    cd "$out/$name" || exit 1
    "step_$name"
    exit
fi

export root out='' device=cuda:0 goldens='' data='' epochs='' rehearse=''
root=$(cd "$here/../.." && pwd)
within=0 kit='' together='' steps=()
while [ $# -gt 0 ]; do
    case $1 in
        --out|--device|--kit|--goldens|--data|--epochs|--within)
            [ $# -gt 1 ] || die "$1 needs a value"
            printf -v "${1#--}" '%s' "$2"; shift ;;
        --rehearse) rehearse=yes ;;
        --together) together=yes ;;
        -h|--help) sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0"; exit ;;
        correct) steps+=("${correct[@]}") ;;
        train) steps+=(training) ;;
        speed) steps+=("${speed[@]}") ;;
        *) [[ " ${correct[*]} training ${speed[*]} " == *" $1 "* ]] || die "there is no step $1; --help names them"
           steps+=("$1") ;;
    esac
    shift
done
[ ${#steps[@]} -gt 0 ] || steps=("${correct[@]}" training "${speed[@]}")
[[ $within =~ ^[0-9]+$ ]] || die "--within $within is no number of seconds"

for folder in goldens data; do # relative to where we are, and some steps go elsewhere
    [ -z "${!folder}" ] || [ -d "${!folder}" ] || die "--$folder: there is no folder ${!folder}"
    [ -z "${!folder}" ] || printf -v "$folder" '%s' "$(cd "${!folder}" && pwd)"
done
out=${out:-$root/target/prove/$(date +%Y%m%d-%H%M%S)}
mkdir -p "$out" || die "$out cannot be made"
out=$(cd "$out" && pwd)
export java classes test_classes
if [ -n "$kit" ]; then
    [ -f "$kit" ] || die "--kit: there is no $kit"
    ask_kit() { bash "$kit" --exec bash -c "echo \"\$$1\""; }
    java=$(ask_kit JAVA)
    all=$(ask_kit CLASSPATH | tr : '\n')
    # Glia loads JCuda's native halves from the class path; and the tests bring devices that are none.
    natives=$(ask_kit GPU_KIT_OPTIONS | sed 's/.*java\.library\.path=\([^ ]*\).*/\1/')
    mkdir -p "$out/natives/lib"
    cp "$natives"/libJ{CudaDriver,Cublas2,Cudnn}-* "$out/natives/lib/" || die "the kit has no natives of JCuda"
    classes=$out/natives:$(grep -v /app/tests/ <<< "$all" | paste -sd:)
    test_classes=$(grep -E '/app/tests/(kernels|nn)-tests\.jar$' <<< "$all" | paste -sd:)
else
    java=${JAVA_HOME:+$JAVA_HOME/bin/}java
    classes=$root/benchmarks/target/benchmarks.jar
    test_classes=$root/kernels/target/test-classes:$root/nn/target/test-classes
    [ -f "$classes" ] || die "build first: mvn -q -DskipTests package; or give --kit"
fi
case $("$java" --list-modules) in *jdk.management@*) ;; *) die "$java has no module jdk.management" ;; esac
export native_access=''
case $("$java" --help) in *--enable-native-access*) native_access=--enable-native-access=ALL-UNNAMED ;; esac
options=(-Dglia.test.devices="${device%%:*}" -Dglia.cuda.cache="$out/chosen")
if [ -n "$rehearse" ]; then
    software=$root/kernels/target/softcuda
    [ -e "$software/libcuda.so.1" ] ||
        die "--rehearse needs the device of software: mvn -q -pl kernels -am process-test-classes"
    export SOFTCUDA_CONTROL=$out/softcuda-control OMP_WAIT_POLICY=passive
    rm -f "$SOFTCUDA_CONTROL"
    truncate -s 65536 "$SOFTCUDA_CONTROL"
    options+=(-Dglia.cuda.libraries="$software" -Xmx2g)
fi
# Reaches every JVM, also those that others start.
export JAVA_TOOL_OPTIONS="${options[*]} ${GLIA_JAVA_OPTIONS:-} ${JAVA_TOOL_OPTIONS:-}"

summarize() {
    local name seconds status why
    {
        echo "Glia on ${device}${rehearse:+, REHEARSED on a device of software}"
        cat "$out/environment.txt"
        echo
        for name in "${correct[@]}" training "${speed[@]}"; do
            [ -f "$out/$name/status" ] || continue
            read -r status seconds why < "$out/$name/status"
            printf '%-8s %-14s %5s s  %s\n' "$status" "$name" "$seconds" "$why"
            [ ! -f "$out/$name/figures" ] || sed 's/^/    /' "$out/$name/figures"
        done
    } > "$out/summary.txt"
}

run_step() { # run_step NAME
    local name=$1 folder=$out/$1 limit began=$SECONDS code status why=''
    limit=$(limit_of "$name")
    mkdir -p "$folder"
    rm -f "$folder/why" "$folder/figures"
    if [ "$within" -gt 0 ] && [ $((within - SECONDS)) -lt "$limit" ]; then
        limit=$((within - SECONDS))
    fi
    if [ "$limit" -lt $least ]; then
        status=skipped why="no time is left of --within $within"
    else
        echo "== $name (at most $limit s)"
        timeout --kill-after=10 "$limit" "$BASH" "$0" --one "$name" > "$folder/log" 2>&1
        code=$?
        why=$(cat "$folder/why" 2>/dev/null)
        case $code in
            0) status=passed ;;
            "$SKIPPED") status=skipped ;;
            124|137) status=failed why="stopped after $limit s" ;;
            *) status=failed why="${why:-exit code $code}, see $name/log" ;;
        esac
        [ $status != failed ] || tail -n 5 "$folder/log" | cut -c 1-300
    fi
    echo "$status $((SECONDS - began)) $why" > "$folder/status"
    echo "== $name $(cat "$folder/status")"
    [ $status != failed ]
}

environment > "$out/environment.txt"
cat "$out/environment.txt"
failures=0
running=()
for name in "${steps[@]}"; do
    if [ -n "$together" ]; then
        run_step "$name" &
        running+=($!)
    else
        run_step "$name" || failures=$((failures + 1))
        summarize
    fi
done
for process in "${running[@]}"; do
    wait "$process" || failures=$((failures + 1))
done
summarize
echo
cat "$out/summary.txt"
echo "all of it: $out"
[ $failures = 0 ]
