package io.github.glia.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.JCudaDriver;

/**
 * A kernel of our own. Arguments are given one after the other, in the order of the {@code .cu}
 * file, and then it is launched:
 *
 * <pre>
 *   kernel.pointer(x.address()).pointer(y.address()).whole(n).real(factor).launch(blocks, threads);
 * </pre>
 *
 * The last argument may be a structure of 8-byte fields, which are given one after the other.
 *
 * <p>For callers that hold the device's lock. It makes no garbage.
 */
public final class Kernel {
  private static final int MOST_ARGUMENTS = 32;

  /** What all arguments together may have. */
  private static final int MOST_BYTES = 1 << 12;

  private final CudaBackend cuda;
  private final CUfunction function;
  private final String name;
  private final ByteBuffer values =
      ByteBuffer.allocateDirect(MOST_BYTES).order(ByteOrder.nativeOrder());
  private final NativePointerObject[] slots = new NativePointerObject[MOST_ARGUMENTS];

  /** The first slots, so many as the index: JCuda asks for the address of each at every launch. */
  private final Pointer[] first = new Pointer[MOST_ARGUMENTS + 1];

  private int given;

  /** The computation that gave them: what another gave and did not launch is forgotten. */
  private long givenIn;

  Kernel(CudaBackend cuda, CUfunction function, String name) {
    this.cuda = cuda;
    this.function = function;
    this.name = name;
    Pointer start = Pointer.to(values);
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
      slots[i] = start.withByteOffset((long) i * Long.BYTES);
    }
  }

  /** A pointer; 0 is null. */
  public Kernel pointer(long address) {
    values.putLong(next(), address);
    return this;
  }

  /** A {@code long long}. */
  public Kernel whole(long value) {
    values.putLong(next(), value);
    return this;
  }

  /** An {@code int}. */
  public Kernel small(int value) {
    values.putInt(next(), value);
    return this;
  }

  /** A {@code float}. */
  public Kernel real(float value) {
    values.putFloat(next(), value);
    return this;
  }

  /** A {@code double}. */
  public Kernel precise(double value) {
    values.putDouble(next(), value);
    return this;
  }

  /** Launches with the arguments given so far. */
  public void launch(int blocks, int threads) {
    launch(blocks, 1, threads, 0);
  }

  /**
   * Launches with the arguments given so far.
   *
   * @param rows blocks in the second dimension
   * @param sharedBytes of {@code extern __shared__} memory
   */
  public void launch(int blocks, int rows, int threads, int sharedBytes) {
    Pointer arguments = slots(Math.min(given, MOST_ARGUMENTS));
    given = 0;
    cuda.check(
        JCudaDriver.cuLaunchKernel(
            function, blocks, rows, 1, threads, 1, 1, sharedBytes, cuda.stream(), arguments, null),
        name);
  }

  private Pointer slots(int count) {
    if (first[count] == null) {
      first[count] = Pointer.to(Arrays.copyOf(slots, count));
    }
    return first[count];
  }

  private int next() {
    if (givenIn != cuda.operation()) {
      givenIn = cuda.operation();
      given = 0;
    }
    return Long.BYTES * given++;
  }
}
