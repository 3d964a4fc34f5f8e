"""Reads and writes safetensors files of F32, without a package that a GPU machine may lack."""
import ctypes
import json
import math
import pathlib
import struct


def write(arrays, path):
    """Shapes and bytes, by name."""
    header, data = {}, b""
    for name, (shape, values) in arrays.items():
        header[name] = dict(
            dtype="F32", shape=list(shape), data_offsets=[len(data), len(data) + len(values)]
        )
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def save_file(tensors, path):
    flat = {name: tensor.detach().float().contiguous() for name, tensor in tensors.items()}
    # bytes(storage) takes seconds for each MiB, and numpy() a package.
    read = lambda t: ctypes.string_at(t.data_ptr(), t.numel() * t.element_size())
    write({name: (tensor.shape, read(tensor)) for name, tensor in flat.items()}, path)


def load_file(path):
    import torch  # here, so that writing needs no PyTorch

    raw = bytearray(pathlib.Path(path).read_bytes())
    (length,) = struct.unpack("<Q", raw[:8])
    tensors = {}
    for name, entry in json.loads(raw[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        if entry["dtype"] != "F32":
            raise ValueError(f"{path}: {name} is {entry['dtype']}; only F32 is read")
        begin = 8 + length + entry["data_offsets"][0]
        count = math.prod(entry["shape"])
        flat = torch.frombuffer(raw, dtype=torch.float32, count=count, offset=begin)
        tensors[name] = flat.clone().reshape(entry["shape"])
    return tensors
