package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.KernelObserver;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;

/**
 * One direction of a {@link WinogradConv2d}: transforms of images before and after products of
 * matrices.
 */
final class WinogradDirection extends OneDnnPlan {
  /**
   * Of the planes of a group of rows, so that they stay in the caches; or as many as the
   * transformed weights have, which are read anew for each group.
   */
  private static final long BYTES_OF_A_GROUP = 8 << 20;

  private static final int PARTS_OF_A_GROUP = 8;

  private final WinogradTiles tiles;
  private final WinogradWeights weights;
  private final int in;
  private final int out;
  private final boolean backward;
  private final boolean relu;
  private final int rowsOfAGroup;
  private final Queue<WinogradTiles.Input> inputs = new ConcurrentLinkedQueue<>();
  private final String name;
  private final String operation;

  private Primitive pack;
  private Primitive multiply;
  private long packedBytes;

  /**
   * @param backward whether x is computed of y: the convolution of y with turned weights
   */
  WinogradDirection(
      CpuBackend cpu, String convolution, Conv2dShape s, boolean backward, boolean relu) {
    super(cpu, convolution);
    name = "winograd " + (backward ? "backwardData" : "forward");
    operation = convolution + " " + name;
    this.backward = backward;
    this.relu = relu;
    in = backward ? s.outChannels() : s.inChannels();
    out = backward ? s.inChannels() : s.outChannels();
    tiles = new WinogradTiles(cpu, s.batch(), s.height(), s.width());
    weights = new WinogradWeights(cpu, s.inChannels(), s.outChannels(), backward);
    rowsOfAGroup = rowsOfAGroup();
  }

  private int rowsOfAGroup() {
    long bytes = planeBytes(1, in) + planeBytes(1, out);
    int most = (int) Math.max(1, Math.max(BYTES_OF_A_GROUP, plainBytes()) / bytes);
    int groups = (tiles.rows() + most - 1) / most;
    while (tiles.rows() % groups != 0) {
      groups++;
    }
    return tiles.rows() / groups;
  }

  private long planeBytes(int rows, int channels) {
    return CpuBackend.aligned(
        (long) WinogradTiles.PLANES * rows * tiles.columns() * channels * Float.BYTES);
  }

  private long plainBytes() {
    return CpuBackend.aligned((long) WinogradTiles.PLANES * in * out * Float.BYTES);
  }

  /** The size of the transformed weights in the layout that oneDNN likes best. */
  long packedBytes() {
    prepare();
    return packedBytes;
  }

  /** Memory that {@link #pack} and {@link #run} need besides their arguments. */
  long scratchBytes() {
    return Math.max(plainBytes(), planeBytes(rowsOfAGroup, in) + planeBytes(rowsOfAGroup, out));
  }

  /** Transforms weights. For callers that hold the lock. */
  void pack(long w, long scratch, long packed) {
    prepare();
    timed("weights", () -> weights.transform(w, scratch));
    pack.bind(DNNL_ARG_FROM, scratch).bind(DNNL_ARG_TO, packed).run();
  }

  /** Convolves; {@code bias} is null where there is none. For callers that hold the lock. */
  void run(long x, long packed, float[] bias, long y, long scratch) {
    prepare();
    long results = scratch + planeBytes(rowsOfAGroup, in);
    Queue<WinogradTiles.Output> outputs = new ConcurrentLinkedQueue<>();
    for (int group = 0; group < tiles.rows(); group += rowsOfAGroup) {
      int first = group;
      timed(
          "input",
          () ->
              eachPart(
                  inputs,
                  () -> tiles.new Input(in),
                  (input, from, n) ->
                      input.transform(x, first + from, n, scratch, first, rowsOfAGroup)));
      multiply
          .bind(DNNL_ARG_SRC, scratch)
          .bind(DNNL_ARG_WEIGHTS, packed)
          .bind(DNNL_ARG_DST, results)
          .run();
      timed(
          "output",
          () ->
              eachPart(
                  outputs,
                  () -> tiles.new Output(out, bias, relu),
                  (output, from, n) ->
                      output.transform(results, first, rowsOfAGroup, first + from, n, y)));
    }
  }

  private void timed(String transformed, Runnable transform) {
    long began = cpu.kernelBegins();
    transform.run();
    cpu.kernelEnded(operation + " of " + transformed, KernelObserver.PLAIN_JAVA, began);
  }

  private interface Part<T> {
    void rows(T transform, int from, int n);
  }

  /** Splits the rows of a group among the cores, each with arrays of its own. */
  private <T> void eachPart(Queue<T> idle, Supplier<T> make, Part<T> body) {
    int perPart = Math.max(1, rowsOfAGroup / PARTS_OF_A_GROUP);
    int parts = (rowsOfAGroup + perPart - 1) / perPart;
    Parallel.forEach(
        parts,
        p -> {
          T transform = idle.poll();
          if (transform == null) {
            transform = make.get();
          }
          body.rows(transform, p * perPart, Math.min(perPart, rowsOfAGroup - p * perPart));
          idle.add(transform);
        });
  }

  private void prepare() {
    if (multiply != null) {
      return;
    }
    long t = (long) rowsOfAGroup * tiles.columns();
    memory.desc x =
        CpuBackend.describe(DType.F32, memory.format_tag.abc, WinogradTiles.PLANES, t, in);
    memory.desc w =
        CpuBackend.describe(DType.F32, memory.format_tag.any, WinogradTiles.PLANES, in, out);
    memory.desc y =
        CpuBackend.describe(DType.F32, memory.format_tag.abc, WinogradTiles.PLANES, t, out);
    matmul.primitive_desc description =
        describe(
            name, () -> new matmul.primitive_desc(cpu.engine(), x, w, y, cpu.attributes(), false));
    packedBytes = CpuBackend.aligned(description.weights_desc().get_size());
    memory.desc plain =
        CpuBackend.describe(
            DType.F32,
            backward ? memory.format_tag.abc : memory.format_tag.acb,
            WinogradTiles.PLANES,
            in,
            out);
    pack = reorder("pack for " + name, plain, description.weights_desc());
    multiply =
        primitive(name, description)
            .argument(DNNL_ARG_SRC, x)
            .argument(DNNL_ARG_WEIGHTS, description.weights_desc())
            .argument(DNNL_ARG_DST, y)
            .build();
  }
}
