"""A process that runs a step each time it is told to: Glia's StepServer, and its likes."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
JAR = ROOT / "benchmarks/target/benchmarks.jar"


class Server:
    """Says `ready DESCRIPTION`; then each line that it is sent is a request, answered by a line."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        line = self.process.stdout.readline().strip()
        if not line.startswith("ready "):
            raise RuntimeError(f"{' '.join(command)} did not start: {line}")
        self.description = line.removeprefix("ready ")

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer:
            raise RuntimeError(f"{' '.join(self.process.args)} ended; its message is above")
        return [float(word) for word in answer]

    def step(self):
        """Milliseconds and loss."""
        return tuple(self.ask("step"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def java_command(java, class_path, *rest):
    """Java with the heap that the contestants get, and without warnings about native libraries."""
    if ":" not in class_path and not pathlib.Path(class_path).exists():
        sys.exit(f"{class_path} is not there; benchmarks/README.md says how it is built")
    command = [java, "-Xmx4g", "-cp", class_path, *rest]
    help_text = subprocess.run([java, "--help"], capture_output=True).stdout
    if b"--enable-native-access" in help_text:
        command.insert(1, "--enable-native-access=ALL-UNNAMED")
    return command

