package io.github.glia.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Objects;

/**
 * A dense array of numbers on a device, row by row, the last dimension fastest. Images are {@code
 * [batch, height, width, channels]}.
 *
 * <p>A tensor belongs to the {@link Scope} that was open when it was made and is freed with it, or
 * earlier by {@link #close}. Every use after that is an {@link IllegalStateException}. Its elements
 * belong to one thread at a time; nothing here orders the reads and writes of several.
 */
public final class Tensor implements AutoCloseable {
  /** Conversions between types go through a buffer of at most this many elements. */
  private static final int CHUNK = 1 << 16;

  private final Storage storage;
  private final Shape shape;
  private final DType dtype;
  private final long offset;
  private volatile boolean closed;

  /** The links of the owning scope's list. */
  Scope owner;

  Tensor older;
  Tensor newer;

  private Tensor(Storage storage, Shape shape, DType dtype, long offset, Scope owner) {
    this.storage = storage;
    this.shape = shape;
    this.dtype = dtype;
    this.offset = offset;
    owner.add(this);
  }

  /** A tensor whose elements are undefined until something is written to them. */
  public static Tensor empty(Device device, DType dtype, Shape shape) {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(dtype, "dtype");
    Objects.requireNonNull(shape, "shape");
    if (shape.count() > Long.MAX_VALUE / dtype.bytes()) {
      throw new IllegalArgumentException(
          "a tensor " + shape + " of " + dtype + ": the number of bytes overflows");
    }
    Scope scope = Scope.current();
    return new Tensor(new Storage(device, shape.count() * dtype.bytes()), shape, dtype, 0, scope);
  }

  public static Tensor zeros(Device device, DType dtype, Shape shape) {
    Tensor tensor = empty(device, dtype, shape);
    tensor.zero();
    return tensor;
  }

  /** An {@link DType#F32} tensor of these values. */
  public static Tensor of(Device device, Shape shape, float... values) {
    Tensor tensor = empty(device, DType.F32, shape);
    tensor.copyFrom(values);
    return tensor;
  }

  /** A tensor of these values, rounded to the type. */
  public static Tensor of(Device device, DType dtype, Shape shape, float... values) {
    Tensor tensor = empty(device, dtype, shape);
    tensor.copyFrom(values);
    return tensor;
  }

  /** A tensor of the same shape, type and device, its elements undefined. */
  public Tensor emptyLike() {
    return empty(device(), dtype, shape);
  }

  public Shape shape() {
    return shape;
  }

  public DType dtype() {
    return dtype;
  }

  public Device device() {
    return storage.device;
  }

  /** The number of elements. */
  public long count() {
    return shape.count();
  }

  /** The number of bytes. */
  public long bytes() {
    return shape.count() * dtype.bytes();
  }

  public boolean isClosed() {
    return closed;
  }

  /** For kernels: where the elements are. */
  public long address() {
    requireOpen();
    return storage.block.address() + offset;
  }

  /**
   * For kernels: another number after every write to this tensor or its views, which no other
   * tensor ever has, so that what was derived from it can be kept until it changes.
   */
  public long version() {
    requireOpen();
    return storage.version();
  }

  /** For kernels: says that the elements were written. */
  public void changed() {
    requireOpen();
    storage.changed();
  }

  /** A view of items {@code from} (inclusive) to {@code to} (exclusive) of the first dimension. */
  public Tensor slice(int from, int to) {
    requireOpen();
    if (from < 0 || to > shape.size(0) || from >= to) {
      throw new IllegalArgumentException(
          "slice "
              + from
              + " to "
              + to
              + " of "
              + this
              + ": expected 0 <= from < to <= "
              + shape.size(0));
    }
    long itemBytes = bytes() / shape.size(0);
    return view(shape.with(0, to - from), offset + from * itemBytes);
  }

  /** A view of the same elements in another shape. */
  public Tensor reshape(Shape other) {
    requireOpen();
    if (other.count() != shape.count()) {
      throw new IllegalArgumentException(
          "reshape "
              + this
              + " to "
              + other
              + ": "
              + shape.count()
              + " elements do not make "
              + other.count());
    }
    return view(other, offset);
  }

  private Tensor view(Shape viewShape, long viewOffset) {
    Scope scope = Scope.current();
    storage.share();
    return new Tensor(storage, viewShape, dtype, viewOffset, scope);
  }

  public void zero() {
    device().driver().zero(address(), bytes());
    changed();
  }

  /** Copies another tensor of the same shape and type, which may be on another device. */
  public void copyFrom(Tensor source) {
    if (!source.shape.equals(shape) || source.dtype != dtype) {
      throw new IllegalArgumentException("copy " + source + " to " + this + ": they differ");
    }
    if (source.storage == storage && Math.abs(source.offset - offset) < bytes()) {
      throw new IllegalArgumentException("copy " + source + " to " + this + ": they overlap");
    }
    if (source.device() == device()) {
      device().driver().copy(source.address(), address(), bytes());
    } else {
      ByteBuffer host = ByteBuffer.allocateDirect((int) Math.min(bytes(), 1 << 26));
      for (long done = 0; done < bytes(); done += host.capacity()) {
        host.clear().limit((int) Math.min(host.capacity(), bytes() - done));
        source.device().driver().copyOut(source.address() + done, host);
        host.flip();
        device().driver().copyIn(host, address() + done);
      }
    }
    changed();
  }

  /** Writes all elements, rounded to this tensor's type. */
  public void copyFrom(float[] values) {
    requireLength(values.length);
    copyFrom(FloatBuffer.wrap(values));
  }

  /** Writes all elements from what remains in the buffer, rounded to this tensor's type. */
  public void copyFrom(FloatBuffer values) {
    requireLength(values.remaining());
    ByteBuffer chunk = chunkBuffer();
    long target = address();
    while (values.hasRemaining()) {
      int n = Math.min(CHUNK, values.remaining());
      chunk.clear().limit(n * dtype.bytes());
      if (dtype == DType.F32) {
        chunk.asFloatBuffer().put(values.slice().limit(n));
        values.position(values.position() + n);
      } else {
        for (int i = 0; i < n; i++) {
          put(chunk, values.get());
        }
        chunk.flip();
      }
      device().driver().copyIn(chunk, target);
      target += (long) n * dtype.bytes();
    }
    changed();
  }

  /** Writes all elements as they are in memory, in native byte order. */
  public void copyFromBytes(ByteBuffer bytes) {
    if (bytes.remaining() != bytes()) {
      throw new IllegalArgumentException(
          this + " holds " + bytes() + " bytes, but " + bytes.remaining() + " came");
    }
    device().driver().copyIn(bytes, address());
    changed();
  }

  /** Writes all elements as they are in memory, in native byte order. */
  public void copyFromBytes(byte[] bytes) {
    copyFromBytes(ByteBuffer.wrap(bytes));
  }

  /** All elements, as {@code float}. */
  public float[] toFloats() {
    float[] values = new float[arrayLength()];
    copyTo(FloatBuffer.wrap(values));
    return values;
  }

  /** Reads all elements into the buffer, which must have that much room. */
  public void copyTo(FloatBuffer target) {
    if (target.remaining() < count()) {
      throw new IllegalArgumentException(
          this + " has " + count() + " elements, but there is room for " + target.remaining());
    }
    ByteBuffer chunk = chunkBuffer();
    long source = address();
    for (long done = 0; done < count(); done += CHUNK) {
      int n = (int) Math.min(CHUNK, count() - done);
      chunk.clear().limit(n * dtype.bytes());
      device().driver().copyOut(source + done * dtype.bytes(), chunk);
      chunk.flip();
      if (dtype == DType.F32) {
        target.put(chunk.asFloatBuffer());
      } else {
        for (int i = 0; i < n; i++) {
          target.put(get(chunk));
        }
      }
    }
  }

  /** All elements as they are in memory, in native byte order. */
  public byte[] toBytes() {
    if (bytes() > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(this + " is too large for an array: slice it");
    }
    byte[] bytes = new byte[(int) bytes()];
    device().driver().copyOut(address(), ByteBuffer.wrap(bytes));
    return bytes;
  }

  /** Reads all elements, as they are in memory, into the buffer, which must have that much room. */
  public void copyToBytes(ByteBuffer target) {
    if (target.remaining() < bytes()) {
      throw new IllegalArgumentException(
          this + " holds " + bytes() + " bytes, but there is room for " + target.remaining());
    }
    ByteBuffer window = target.duplicate().limit(target.position() + (int) bytes());
    device().driver().copyOut(address(), window);
    target.position(target.position() + (int) bytes());
  }

  /** The value of a tensor with one element. */
  public float item() {
    if (count() != 1) {
      throw new IllegalStateException(this + " has " + count() + " elements, not one");
    }
    return toFloats()[0];
  }

  /** Frees the tensor before its scope ends. Closing it again does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      owner.remove(this);
      storage.release();
    }
  }

  @Override
  public String toString() {
    return dtype + shape.toString() + " on " + storage.device + (closed ? " (closed)" : "");
  }

  /** Throws if this was closed. */
  public void requireOpen() {
    if (closed) {
      throw new IllegalStateException(
          this + " was used after it was closed; it was made by " + storage.block.origin());
    }
  }

  private void requireLength(long length) {
    if (length != count()) {
      throw new IllegalArgumentException(
          this + " has " + count() + " elements, but " + length + " values came");
    }
  }

  private int arrayLength() {
    if (count() > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(this + " is too large for an array: slice it");
    }
    return (int) count();
  }

  private ByteBuffer chunkBuffer() {
    int elements = (int) Math.min(CHUNK, count());
    return ByteBuffer.allocate(elements * dtype.bytes()).order(ByteOrder.nativeOrder());
  }

  private void put(ByteBuffer chunk, float value) {
    switch (dtype) {
      case F32 -> chunk.putFloat(value);
      case BF16 -> chunk.putShort(HalfPrecision.toBf16(value));
      case F16 -> chunk.putShort(HalfPrecision.toF16(value));
      case U8 -> chunk.put((byte) Math.max(0, Math.min(255, Math.rint(value))));
      case I8 -> chunk.put((byte) Math.max(-128, Math.min(127, Math.rint(value))));
    }
  }

  private float get(ByteBuffer chunk) {
    return switch (dtype) {
      case F32 -> chunk.getFloat();
      case BF16 -> HalfPrecision.fromBf16(chunk.getShort());
      case F16 -> HalfPrecision.fromF16(chunk.getShort());
      case U8 -> chunk.get() & 0xff;
      case I8 -> chunk.get();
    };
  }
}
