"""Who takes part in compare.py: each has a name, step(), which answers milliseconds and loss, and close()."""
import contextlib
import os
import pathlib
import time

import torch

from server import Server, java_command
from tensorfile import load_file, save_file
from torch_unet import UNet, objective

TENSORFLOW = pathlib.Path(__file__).resolve().parent / "tensorflow"
LEARNING_RATE = 1e-4
WARM_UP_OF_A_GRAPH = 3


class Unavailable(Exception):
    """A contestant cannot take part here; the message says why."""


class Glia(Server):
    name = "glia"

    def __init__(self, args, inputs, weights):
        device = "cuda:0" if args.device == "cuda" else args.device
        what = [device, args.arch, args.precision, args.mode, inputs, weights]
        main = "io.github.glia.benchmarks.StepServer"
        super().__init__(java_command(args.java, args.class_path, main, *what))


class Torch:
    """PyTorch as it is usually written; subclasses change how a step runs."""

    layout = torch.channels_last
    capturable = False

    def __init__(self, args, weights, x, t):
        self.args = args
        self.net = UNet(32 if args.arch == "lgg" else 64, args.arch == "lgg")
        missing = self.net.load_state_dict(load_file(weights), strict=False)
        assert not missing.unexpected_keys, missing
        assert all("num_batches_tracked" in k for k in missing.missing_keys), missing
        self.net = self.net.to(args.device).to(memory_format=self.layout)
        self.net.train(args.mode == "train")
        self.x = x.to(args.device).to(memory_format=self.layout)
        self.t = t.to(args.device)
        fast = dict(fused=True, capturable=self.capturable) if args.device == "cuda" else {}
        self.optimizer = torch.optim.Adam(self.net.parameters(), LEARNING_RATE, **fast)
        self.forward = self.net

    def autocast(self, **options):
        return torch.autocast(
            self.args.device, torch.bfloat16, enabled=self.half_precision(), **options
        )

    def half_precision(self):
        """Next to Glia in int8, too: PyTorch has nothing faster that needs no other network."""
        return self.args.precision in ("bf16", "int8")

    def synchronize(self):
        if self.args.device == "cuda":
            torch.cuda.synchronize()

    def train(self):
        with self.autocast():
            logits = self.forward(self.x)
        loss = objective(logits, self.t)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss

    def predict(self):
        with self.autocast():
            return self.forward(self.x)

    def step(self):
        self.synchronize()
        start = time.perf_counter()
        if self.args.mode == "train":
            loss = self.train().item()
            self.synchronize()
            return (time.perf_counter() - start) * 1e3, loss
        # The loss tells whether the prediction is right; it is no part of the time.
        with torch.inference_mode():
            logits = self.predict()
            self.synchronize()
            milliseconds = (time.perf_counter() - start) * 1e3
            return milliseconds, objective(logits, self.t).item()


    def close(self):
        pass


class ChannelsLast(Torch):
    name = "torch channels_last"


class Contiguous(Torch):
    name = "torch contiguous"
    layout = torch.contiguous_format


class Compiled(Torch):
    name = "torch.compile"
    options = {}

    def __init__(self, *given):
        super().__init__(*given)
        self.forward = torch.compile(self.net, **self.options)


class CompiledGraphs(Compiled):
    name = "torch.compile reduce-overhead"
    options = dict(mode="reduce-overhead")

    def __init__(self, args, *given):
        if args.device != "cuda":
            raise Unavailable("CUDA graphs need a GPU")
        super().__init__(args, *given)

    def step(self):
        torch.compiler.cudagraph_mark_step_begin()
        return super().step()


class Graphs(Torch):
    """The whole step as one CUDA graph, captured by hand."""

    name = "torch CUDA graph"
    capturable = True

    def __init__(self, args, *given):
        if args.device != "cuda":
            raise Unavailable("CUDA graphs need a GPU")
        super().__init__(args, *given)
        training = args.mode == "train"
        work = self.work_of_training if training else self.predict
        first = {name: value.clone() for name, value in self.net.state_dict().items()}
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with contextlib.nullcontext() if training else torch.no_grad():
            with torch.cuda.stream(side):
                for _ in range(WARM_UP_OF_A_GRAPH):
                    self.optimizer.zero_grad(set_to_none=True)
                    work()
            torch.cuda.current_stream().wait_stream(side)
            # The warm-up changed what is to be trained; in place, since a graph keeps addresses.
            self.net.load_state_dict(first)
            for state in self.optimizer.state.values():
                for value in state.values():
                    value.zero_()
            self.optimizer.zero_grad(set_to_none=True)
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.result = work()

    def autocast(self):
        return super().autocast(cache_enabled=False)

    def work_of_training(self):
        with self.autocast():
            logits = self.forward(self.x)
        loss = objective(logits, self.t)
        loss.backward()
        self.optimizer.step()
        return loss

    def step(self):
        self.synchronize()
        start = time.perf_counter()
        self.graph.replay()
        if self.args.mode == "train":
            loss = self.result.item()
            return (time.perf_counter() - start) * 1e3, loss
        self.synchronize()
        milliseconds = (time.perf_counter() - start) * 1e3
        with torch.no_grad():
            return milliseconds, objective(self.result, self.t).item()


class OnnxRuntime:
    name = "onnxruntime"

    def __init__(self, args, weights, x, t):
        if args.mode != "infer" or args.precision == "bf16":
            raise Unavailable("it infers only, and in F32 or int8")
        try:
            import onnxruntime
        except ImportError as e:
            raise Unavailable(str(e)) from e
        provider = "CUDAExecutionProvider" if args.device == "cuda" else "CPUExecutionProvider"
        if provider not in onnxruntime.get_available_providers():
            raise Unavailable(f"this onnxruntime has no {provider}")
        cpu = type(args)(**{**vars(args), "device": "cpu"})
        peer = Contiguous(cpu, weights, x, t)
        file = str(pathlib.Path(weights).with_suffix(".onnx"))
        torch.onnx.export(peer.net, (x,), file, input_names=["x"], output_names=["y"], dynamo=False)
        if args.precision == "int8":
            file = in_bytes(file, x)
        self.t = t
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        settings = {}
        if args.device == "cuda":
            settings = dict(use_tf32=str(int(args.precision == "tf32")))
        self.session = onnxruntime.InferenceSession(file, options, [(provider, settings)])
        if provider not in self.session.get_providers():
            raise Unavailable(f"{provider} does not work here")
        self.binding = self.session.io_binding()
        held = onnxruntime.OrtValue.ortvalue_from_numpy(x.numpy(), args.device, 0)
        self.binding.bind_ortvalue_input("x", held)
        self.binding.bind_output("y", args.device, 0)

    def step(self):
        start = time.perf_counter()
        self.session.run_with_iobinding(self.binding)
        self.binding.synchronize_outputs()
        milliseconds = (time.perf_counter() - start) * 1e3
        logits = torch.from_numpy(self.binding.copy_outputs_to_cpu()[0])
        return milliseconds, objective(logits, self.t).item()

    def close(self):
        pass


def in_bytes(file, x):
    """The same network as ONNX Runtime quantizes it, with ranges measured on x, as Glia's are."""
    try:
        from onnxruntime import quantization
    except ImportError as e:
        raise Unavailable(str(e)) from e

    class Examples(quantization.CalibrationDataReader):
        left = [{"x": x.numpy()}]

        def get_next(self):
            return self.left.pop() if self.left else None

    quantized = file.replace(".onnx", ".int8.onnx")
    prepared = file.replace(".onnx", ".prepared.onnx")
    quantization.quant_pre_process(file, prepared)
    quantization.quantize_static(prepared, quantized, Examples(), per_channel=True)
    return quantized


class TensorFlow(Server):
    """TensorFlow-Java, in a process like Glia's."""

    name = "tensorflow java"

    def __init__(self, args, weights, x, t):
        if args.device != "cpu":
            raise Unavailable("it is built for the CPU only")
        if args.precision == "int8":
            raise Unavailable("it computes in F32 only")
        if args.precision == "bf16":
            raise Unavailable("TensorFlow 2.18's losses in BF16 are wrong; see benchmarks/README.md")
        target = TENSORFLOW / "target"
        if not (target / "lib").exists():
            raise Unavailable("mvn -q -f benchmarks/peers/tensorflow package was not run")
        # Images as NHWC; kernels by height, width, in, out, which is its order for both convolutions.
        arrays = {"x": x.permute(0, 2, 3, 1), "t": t.permute(0, 2, 3, 1)}
        for name, value in load_file(weights).items():
            arrays[name] = value.permute(2, 3, 1, 0) if value.dim() == 4 else value
        file = str(pathlib.Path(weights).with_suffix(".tensorflow"))
        save_file(arrays, file)
        main = "io.github.glia.peers.tensorflow.TensorFlowServer"
        what = [args.arch, args.precision, args.mode, str(torch.get_num_threads()), file]
        command = java_command(args.java, f"{target / 'classes'}:{target / 'lib'}/*", main, *what)
        quiet = os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2")
        super().__init__(command, dict(os.environ, TF_CPP_MIN_LOG_LEVEL=quiet))


PEERS = dict(
    channels_last=ChannelsLast,
    contiguous=Contiguous,
    compile=Compiled,
    compile_graphs=CompiledGraphs,
    graphs=Graphs,
    onnxruntime=OnnxRuntime,
    tensorflow=TensorFlow,
)
