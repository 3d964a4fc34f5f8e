package io.github.glia.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/**
 * Copies between Java's memory and the device's, through two pieces of pinned memory in turn: while
 * the device copies from one, Java fills the other.
 */
final class Staging {
  private static final int BYTES = 4 << 20;

  private static final class Piece {
    final Pointer pointer = new Pointer();
    final CUevent copied = new CUevent();
    ByteBuffer bytes;
  }

  private final CudaBackend cuda;
  private final Piece[] pieces = new Piece[2];
  private int turn;

  Staging(CudaBackend cuda) {
    this.cuda = cuda;
  }

  /** Returns when the source has been read; the device may still be copying. */
  void copyIn(ByteBuffer source, long target) {
    if (cuda.recording() != null) {
      copyInAtEachReplay(source, target);
      return;
    }
    long to = target;
    while (source.hasRemaining()) {
      int n = Math.min(source.remaining(), BYTES);
      Piece piece = next();
      cuda.check(JCudaDriver.cuEventSynchronize(piece.copied), "wait for a copy to the device");
      piece.bytes.clear().put(source.slice().limit(n));
      cuda.check(
          JCudaDriver.cuMemcpyHtoDAsync(cuda.at(to), piece.pointer, n, cuda.stream()),
          "copy to the device");
      cuda.check(
          JCudaDriver.cuEventRecord(piece.copied, cuda.stream()), "mark a copy to the device");
      source.position(source.position() + n);
      to += n;
    }
  }

  private void copyInAtEachReplay(ByteBuffer source, long target) {
    int n = source.remaining();
    Pointer constant = cuda.recording().constant(n);
    constant.getByteBuffer(0, n).put(source);
    cuda.check(
        JCudaDriver.cuMemcpyHtoDAsync(cuda.at(target), constant, n, cuda.stream()),
        "copy to the device");
  }

  void copyOut(long source, ByteBuffer target) {
    long from = source;
    while (target.hasRemaining()) {
      int n = Math.min(target.remaining(), BYTES);
      Piece piece = next();
      cuda.check(
          JCudaDriver.cuMemcpyDtoHAsync(piece.pointer, cuda.at(from), n, cuda.stream()),
          "copy from the device");
      cuda.check(JCudaDriver.cuStreamSynchronize(cuda.stream()), "copy from the device");
      target.put(piece.bytes.clear().limit(n));
      from += n;
    }
  }

  private Piece next() {
    turn = 1 - turn;
    if (pieces[turn] == null) {
      pieces[turn] = allocate();
    }
    return pieces[turn];
  }

  private Piece allocate() {
    Piece piece = new Piece();
    cuda.check(JCudaDriver.cuMemAllocHost(piece.pointer, BYTES), "allocate pinned memory");
    piece.bytes = piece.pointer.getByteBuffer(0, BYTES).order(ByteOrder.nativeOrder());
    try {
      cuda.check(
          JCudaDriver.cuEventCreate(piece.copied, CUevent_flags.CU_EVENT_DISABLE_TIMING),
          "create an event");
    } catch (RuntimeException e) {
      JCudaDriver.cuMemFreeHost(piece.pointer);
      throw e;
    }
    return piece;
  }
}
