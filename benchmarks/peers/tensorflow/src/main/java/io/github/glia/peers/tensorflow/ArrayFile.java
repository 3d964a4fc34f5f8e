package io.github.glia.peers.tensorflow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * Arrays of F32 by name: a safetensors file as {@code benchmarks/peers/tensorfile.py} writes it.
 */
final class ArrayFile {
  private static final Pattern ENTRY =
      Pattern.compile(
          "\"([^\"]+)\": \\{\"dtype\": \"F32\", \"shape\": \\[([^]]*)], \"data_offsets\":"
              + " \\[(\\d+), ");

  private final Map<String, TFloat32> arrays = new HashMap<>();

  ArrayFile(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      ByteBuffer bytes = channel.map(MapMode.READ_ONLY, 0, channel.size());
      int length = Math.toIntExact(bytes.order(ByteOrder.LITTLE_ENDIAN).getLong());
      String header = StandardCharsets.UTF_8.decode(bytes.slice(Long.BYTES, length)).toString();
      for (MatchResult entry : ENTRY.matcher(header).results().toList()) {
        int start = Long.BYTES + length + Integer.parseInt(entry.group(3));
        ByteBuffer rest = bytes.slice(start, bytes.capacity() - start);
        FloatBuffer values = rest.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        arrays.put(entry.group(1), tensor(shape(entry.group(2)), values));
      }
    }
  }

  TFloat32 get(String name) {
    TFloat32 array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("there is no " + name + " among " + arrays.keySet());
    }
    return array;
  }

  private static Shape shape(String sizes) {
    return Shape.of(Stream.of(sizes.split(", ")).mapToLong(Long::parseLong).toArray());
  }

  private static TFloat32 tensor(Shape shape, FloatBuffer values) {
    float[] copy = new float[Math.toIntExact(shape.size())];
    values.get(copy);
    return TFloat32.tensorOf(shape, DataBuffers.of(copy));
  }
}
