package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.tensor.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The software device seen from outside: what it counts, and failures on demand. {@code
 * src/test/softcuda/control.h} says what lies where in its file.
 */
final class SoftwareCuda {
  private static final int SIZE = 1 << 16;
  private static final int FAIL = 8;
  private static final int FAIL_CODE = 12;
  private static final int FAIL_AFTER = 16;
  private static final int FAIL_NAME = 24;
  private static final int FAIL_NAME_LENGTH = 64;
  private static final int MEMORY = 88;
  private static final int DEVICES = 96;
  private static final int COMMAND = 108;
  private static final int FORGET_ERRORS = 1;
  private static final int CAPABILITY = 124;
  private static final int COUNTS = 512;
  private static final int FAULT = 1024;
  private static final int FAULT_LENGTH = 1024;
  private static final int FUNCTIONS = 4096;
  private static final int FUNCTION_LENGTH = 64;
  private static final int FUNCTION_NAME_LENGTH = 56;
  private static final int DISARMED = 0;
  private static final int ARMED = 1;
  private static final int HAPPENED = 2;

  /** What can leak, at its place in the counts. */
  enum Kept {
    ALLOCATIONS(0),
    PINNED_ALLOCATIONS(2),
    STREAMS(4),
    EVENTS(5),
    GRAPHS(6),
    GRAPH_EXECUTABLES(7),
    MODULES(8),
    CONTEXTS(9),
    CUDNN_HANDLES(10),
    CUDNN_DESCRIPTORS(11),
    CUBLAS_HANDLES(12);

    private final int place;

    Kept(int place) {
      this.place = place;
    }
  }

  private static final int BYTES = 1;
  private static final int FAULTS = 17;

  private final MappedByteBuffer file;

  private SoftwareCuda(MappedByteBuffer file) {
    this.file = file;
  }

  /** Loads the device; skips the test where it could not be built. */
  static SoftwareCuda device() {
    Path libraries = Path.of(System.getProperty("glia.cuda.libraries", ""));
    assumeTrue(
        Files.exists(libraries.resolve("libcuda.so.1")),
        "the software CUDA device was not built: there is no g++");
    Device.named("cuda");
    Path control = Path.of(System.getenv("SOFTCUDA_CONTROL"));
    try (FileChannel channel =
        FileChannel.open(
            control,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      MappedByteBuffer file = channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE);
      file.order(ByteOrder.nativeOrder());
      return new SoftwareCuda(file);
    } catch (IOException e) {
      throw new UncheckedIOException(control + " cannot be read", e);
    }
  }

  /** Makes the n-th call of that function from now on, 1 for the next, fail with this code. */
  void fail(String function, long n, int code) {
    byte[] name = function.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < FAIL_NAME_LENGTH; i++) {
      file.put(FAIL_NAME + i, i < name.length ? name[i] : 0);
    }
    file.putInt(FAIL_CODE, code);
    file.putLong(FAIL_AFTER, n);
    file.putInt(FAIL, ARMED);
  }

  /** Ends the waiting for a failure; returns whether it happened. */
  boolean disarm() {
    boolean happened = file.getInt(FAIL) == HAPPENED;
    file.putInt(FAIL, DISARMED);
    return happened;
  }

  /** Forgets the errors that stick to contexts, and what is queued, at the next call. */
  void forgetErrors() {
    file.putInt(COMMAND, FORGET_ERRORS);
  }

  /** Lets the device have that much memory; 0 is its usual size. */
  void limitMemory(long bytes) {
    file.putLong(MEMORY, bytes);
  }

  /** Lets there be so many devices; 0 is the usual one. */
  void offerDevices(int count) {
    file.putInt(DEVICES, count);
  }

  /** Lets the devices have a compute capability, times ten; 0 is the usual one. */
  void offerCapability(int timesTen) {
    file.putInt(CAPABILITY, timesTen);
  }

  /** Bytes that are allocated on the device. */
  long bytes() {
    return file.getLong(COUNTS + BYTES * Long.BYTES);
  }

  Map<Kept, Long> kept() {
    Map<Kept, Long> counts = new EnumMap<>(Kept.class);
    for (Kept kept : Kept.values()) {
      counts.put(kept, file.getLong(COUNTS + kept.place * Long.BYTES));
    }
    return counts;
  }

  /** How many errors of its callers the device has seen: accesses out of bounds and the like. */
  long faults() {
    return file.getLong(COUNTS + FAULTS * Long.BYTES);
  }

  String lastFault() {
    return text(FAULT, FAULT_LENGTH);
  }

  /** How often each function was called. */
  Map<String, Long> calls() {
    Map<String, Long> calls = new TreeMap<>();
    for (int at = FUNCTIONS; at < SIZE && file.get(at) != 0; at += FUNCTION_LENGTH) {
      calls.put(text(at, FUNCTION_NAME_LENGTH), file.getLong(at + FUNCTION_NAME_LENGTH));
    }
    return calls;
  }

  /** How often each function is called while something runs; those that are not, are left out. */
  Map<String, Long> callsOf(Runnable work) {
    Map<String, Long> before = calls();
    work.run();
    Map<String, Long> during = calls();
    before.forEach((name, n) -> during.merge(name, -n, Long::sum));
    during.values().removeIf(n -> n == 0);
    return during;
  }

  private String text(int at, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length && file.get(at + i) != 0; i++) {
      text.append((char) file.get(at + i));
    }
    return text.toString();
  }
}
