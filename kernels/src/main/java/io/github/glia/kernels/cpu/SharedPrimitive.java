package io.github.glia.kernels.cpu;

import java.util.Collection;
import java.util.List;

/**
 * A primitive for each of several parts of an operation that do not depend on each other, such as
 * its images: the same for like parts. {@link Lanes} share them out, and each binds a primitive to
 * part after part:
 *
 * <pre>{@code
 * conv.bind(DNNL_ARG_SRC, x, imageBytes).bind(DNNL_ARG_WEIGHTS, w).run();
 * }</pre>
 *
 * An operation of one part is computed by all threads of oneDNN, as any {@link Primitive} is.
 */
public final class SharedPrimitive {
  /** More arguments than any operation has that differ from part to part. */
  private static final int MOST_MOVING = 8;

  private final CpuBackend cpu;
  private final String operation;
  private final LanePrimitive[] ofForms;
  private final LanePrimitive[] ofParts;
  private final Lanes.Body runPart = this::runPart;
  private final int[] moving = new int[MOST_MOVING];
  private final long[] addresses = new long[MOST_MOVING];
  private final long[] bytesOfAPart = new long[MOST_MOVING];
  private final long[][] placesOfParts = new long[MOST_MOVING][];
  private int count;

  /**
   * @param ofForms what computes parts that differ
   * @param ofParts one of those for each part
   */
  SharedPrimitive(
      CpuBackend cpu,
      String operation,
      Collection<LanePrimitive> ofForms,
      List<LanePrimitive> ofParts) {
    this.cpu = cpu;
    this.operation = operation;
    this.ofForms = ofForms.toArray(LanePrimitive[]::new);
    this.ofParts = ofParts.toArray(LanePrimitive[]::new);
  }

  /** Sets an argument that is the same for each part. */
  public SharedPrimitive bind(int argument, long address) {
    for (LanePrimitive ofForm : ofForms) {
      ofForm.bind(argument, address);
    }
    return this;
  }

  /** Sets an argument of which each part has some bytes, one after another from an address on. */
  public SharedPrimitive bind(int argument, long address, long ofAPart) {
    int i = move(argument, address);
    bytesOfAPart[i] = ofAPart;
    placesOfParts[i] = null;
    return this;
  }

  /** Sets an argument that each part has so many bytes after an address. */
  public SharedPrimitive bind(int argument, long address, long[] places) {
    placesOfParts[move(argument, address)] = places;
    return this;
  }

  private int move(int argument, long address) {
    int i = 0;
    while (i < count && moving[i] != argument) {
      i++;
    }
    count = Math.max(count, i + 1);
    moving[i] = argument;
    addresses[i] = address;
    return i;
  }

  /** For callers that hold the lock of the {@link CpuBackend}. */
  public void run() {
    if (ofParts.length == 1) {
      runPart(0, 0);
      return;
    }
    long began = cpu.kernelBegins();
    cpu.lanes().forEach(ofParts.length, runPart);
    cpu.kernelEnded(operation, ofForms[0].in(0).implementation(), began);
  }

  private void runPart(int lane, int part) {
    Primitive ofLane = ofParts[part].in(lane);
    for (int i = 0; i < count; i++) {
      ofLane.bind(moving[i], addresses[i] + place(i, part));
    }
    ofLane.run();
  }

  private long place(int i, int part) {
    long[] places = placesOfParts[i];
    return places == null ? part * bytesOfAPart[i] : places[part];
  }
}
