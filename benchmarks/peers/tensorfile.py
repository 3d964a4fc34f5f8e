"""Reads and writes safetensors files of F32, without a package that a GPU machine may lack."""
import json
import math
import pathlib
import struct

import torch


def save_file(tensors, path):
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = bytes(tensor.detach().float().contiguous().view(-1).untyped_storage())
        header[name] = dict(
            dtype="F32", shape=list(tensor.shape), data_offsets=[len(data), len(data) + len(values)]
        )
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def load_file(path):
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
