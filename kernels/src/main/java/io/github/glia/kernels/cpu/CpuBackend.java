package io.github.glia.kernels.cpu;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx2_vnni;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx_fp16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_vnni;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_version;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Maker;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.OutOfDeviceMemoryException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;

/**
 * The CPU. oneDNN and the kernels of plain Java use all cores for one operation at a time, so
 * operations of several threads take turns: every plan computes holding the lock of this object.
 */
public final class CpuBackend extends Backend {
  /** More than there are threads, so that their shares are of nearly the same size. */
  private static final int MOST_IMAGES = 256;

  private static final String JAVACPP = "org.bytedeco.javacpp.";

  private static final long ALIGNMENT = 64;
  private static final long LARGEST_VIEW = 1 << 30;

  private final int isa;
  private final engine dnnlEngine;
  private final stream dnnlStream;
  private final dnnl_stream rawStream;
  private final Map<Long, Allocation> allocations = new ConcurrentHashMap<>();
  private final Windows windows = new Windows();
  private final GrowingBuffer scratchpad = new GrowingBuffer(this);
  private final GrowingBuffer workspace = new GrowingBuffer(this);
  private final Lanes lanes;

  private record Allocation(Pointer block, long bytes) {}

  CpuBackend() {
    OpenMp.spinBriefly();
    liftLimitOfProcess();
    isa = dnnl_get_effective_cpu_isa();
    dnnlEngine = new engine(org.bytedeco.dnnl.engine.kind.cpu, 0);
    dnnlStream = new stream(dnnlEngine);
    rawStream = dnnlStream.get();
    lanes = new Lanes(this);
  }

  /**
   * By itself JavaCPP refuses to make anything once the process takes four times what Java's heap
   * may take. But tensors are not on that heap, and are as large as the machine allows. To be
   * called before its classes are loaded: they ask the properties then.
   */
  private static void liftLimitOfProcess() {
    boolean chosen =
        Stream.of("maxphysicalbytes", "maxPhysicalBytes")
            .anyMatch(name -> System.getProperty(JAVACPP + name) != null);
    if (!chosen) {
      System.setProperty(JAVACPP + "maxphysicalbytes", "0");
    }
  }

  /** How a plan is made for the CPU. */
  public static <P extends Plan> Maker<P> onCpu(Function<CpuBackend, ? extends P> make) {
    return Maker.on(CpuBackend.class, make);
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    dnnl_version_t version = dnnl_version();
    return String.format(
        "%s, %d cores, %,d MiB of memory, oneDNN %d.%d.%d%s",
        System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        Pointer.totalPhysicalBytes() >> 20,
        version.major(),
        version.minor(),
        version.patch(),
        computes(DType.BF16) ? ", bfloat16" : "");
  }

  @Override
  public boolean computes(DType dtype) {
    return switch (dtype) {
      case F32 -> true;
      case BF16 -> has(dnnl_cpu_isa_avx512_core);
      case F16 -> has(dnnl_cpu_isa_avx512_core_amx_fp16); // else no fast gradients of weights
      case U8 -> false;
      case I8 -> has(dnnl_cpu_isa_avx512_core_vnni) || has(dnnl_cpu_isa_avx2_vnni);
    };
  }

  /**
   * Whether there are instructions that multiply whole matrices of a type, as Intel's AMX: several
   * times as fast as anything else that the CPU does with it.
   */
  public boolean multipliesMatrices(DType dtype) {
    return switch (dtype) {
      case BF16, I8, U8 -> has(dnnl_cpu_isa_avx512_core_amx);
      case F16 -> has(dnnl_cpu_isa_avx512_core_amx_fp16);
      case F32 -> false;
    };
  }

  private boolean has(int instructions) {
    return (isa & instructions) == instructions;
  }

  @Override
  public long allocate(long bytes) {
    Pointer block = Pointer.malloc(Math.addExact(bytes, ALIGNMENT));
    if (block == null || block.isNull()) {
      throw new OutOfDeviceMemoryException(
          String.format(
              "cpu: %,d bytes cannot be allocated; a smaller batch or image needs less", bytes));
    }
    long aligned = aligned(block.address());
    allocations.put(aligned, new Allocation(block, bytes));
    windows.open(aligned, bytes);
    return aligned;
  }

  @Override
  public void free(long address) {
    Allocation freed = allocations.remove(address);
    windows.close(address, freed.bytes);
    Pointer.free(freed.block);
  }

  @Override
  public void copyIn(ByteBuffer source, long target) {
    long to = target;
    while (source.hasRemaining()) {
      int n = (int) Math.min(source.remaining(), LARGEST_VIEW);
      view(to, n).put(source.slice().limit(n));
      source.position(source.position() + n);
      to += n;
    }
  }

  @Override
  public void copyOut(long source, ByteBuffer target) {
    long from = source;
    while (target.hasRemaining()) {
      int n = (int) Math.min(target.remaining(), LARGEST_VIEW);
      target.put(view(from, n));
      from += n;
    }
  }

  @Override
  public void copy(long source, long target, long bytes) {
    Pointer.memcpy(new Location().at(target), new Location().at(source), bytes);
  }

  @Override
  public void zero(long target, long bytes) {
    Pointer.memset(new Location().at(target), 0, bytes);
  }

  /** oneDNN's CPU stream and the kernels of plain Java return when they are done. */
  @Override
  public void synchronize() {}

  @Override
  public synchronized void releaseCaches() {
    super.releaseCaches();
    scratchpad.release();
    workspace.release();
    lanes.release();
  }

  /** The next address, or number of bytes, at which a line of the cache ends. */
  public static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /**
   * The window on the memory that holds what begins at an address. Elements of up to 1 GiB from
   * there on can be read and written through it.
   */
  public Window window(long address) {
    return windows.of(address);
  }

  /** Up to 1 GiB at an address as a buffer in native byte order. */
  public ByteBuffer view(long address, long bytes) {
    return Location.buffer(address, bytes);
  }

  /**
   * Memory for what one call of a plan needs besides its tensors, undefined at the start of the
   * call; the same for every plan.
   */
  public long workspace(long bytes) {
    return workspace.atLeast(bytes);
  }

  long scratchpad(long bytes) {
    return scratchpad.atLeast(bytes);
  }

  /** Threads that share out what is not one primitive but many small ones. */
  public Lanes lanes() {
    return lanes;
  }

  public engine engine() {
    return dnnlEngine;
  }

  dnnl_stream stream() {
    return rawStream;
  }

  /** The same stream for what is copied once, when a primitive is made. */
  stream copies() {
    return dnnlStream;
  }

  /** Attributes that every primitive needs; post-operations may be added. */
  public primitive_attr attributes() {
    primitive_attr attributes = new primitive_attr();
    attributes.set_scratchpad_mode(dnnl.scratchpad_mode.user.value);
    return attributes;
  }

  /** oneDNN's description of a dense array. */
  public static memory.desc describe(DType dtype, memory.format_tag layout, long... dimensions) {
    return new memory.desc(dimensions, oneDnnType(dtype), layout);
  }

  /** oneDNN's description of elements whose distances in memory are given for each dimension. */
  public static memory.desc strided(DType dtype, long[] dimensions, long[] strides) {
    return new memory.desc(dimensions, oneDnnType(dtype), strides);
  }

  /** oneDNN's description of images {@code [batch, height, width, channels]}. */
  public static memory.desc images(
      DType dtype, long batch, long height, long width, long channels) {
    return describe(dtype, memory.format_tag.nhwc, batch, channels, height, width);
  }

  /**
   * The same of pixels of which it does not matter which image they are of, as rows that are many
   * images: threads share out images, and of a single one oneDNN takes several times as long.
   */
  public static memory.desc pixels(DType dtype, long pixels, long channels) {
    long images = MOST_IMAGES;
    while (pixels % images != 0) {
      images--;
    }
    return images(dtype, images, 1, pixels / images, channels);
  }

  private static memory.data_type oneDnnType(DType dtype) {
    return switch (dtype) {
      case F32 -> memory.data_type.f32;
      case BF16 -> memory.data_type.bf16;
      case F16 -> memory.data_type.f16;
      case U8 -> memory.data_type.u8;
      case I8 -> memory.data_type.s8;
    };
  }
}
