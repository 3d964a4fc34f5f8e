package io.github.glia.kernels.cuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Maker;
import io.github.glia.kernels.Plan;
import io.github.glia.kernels.Recording;
import io.github.glia.kernels.Release;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.OutOfDeviceMemoryException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.cublasHandle;
import jcuda.jcudnn.cudnnHandle;

/**
 * A GPU. Everything runs on one stream, in the order of the calls, and so memory that was given
 * back may be handed out again at once. Operations of several threads take turns: every plan
 * computes holding the lock of this object, between {@link #begins} and {@link #ended}.
 */
public final class CudaBackend extends Backend {
  /** Threads of a block, for kernels that work element by element. */
  public static final int THREADS = 256;

  /** Blocks that a multiprocessor works on at the same time, and some more to choose from. */
  private static final int BLOCKS_PER_PROCESSOR = 16;

  private final String name;
  private final CUstream stream = new CUstream();
  private final Handles handles = new Handles(this);
  private final Faults faults;
  private final Context context;
  private final Addresses addresses = new Addresses();
  private final Modules modules = new Modules(this);
  private final Staging staging = new Staging(this);
  private final Algorithms algorithms = new Algorithms(this, AlgorithmFile.usual());
  private final Set<CudaRecording> recordings = new HashSet<>();
  private final Hardware hardware;
  private Workspace workspace = new Workspace(this);

  /** Locked alone, or last: no recording begins while memory is being freed. */
  private final Object freeing = new Object();

  private CudaRecording recording;
  private long operations;
  private volatile boolean tf32 = Boolean.getBoolean("glia.tf32");
  private volatile boolean deterministic;

  CudaBackend(int number) {
    name = "cuda:" + number;
    faults = new Faults(name(), stream);
    hardware = new Hardware(number, faults);
    context = new Context(hardware.device(), stream, faults);
  }

  /** How a plan is made for a GPU. */
  public static <P extends Plan> Maker<P> onCuda(Function<CudaBackend, ? extends P> make) {
    return Maker.on(CudaBackend.class, make);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return hardware.description();
  }

  /** Why our kernels do not run on this GPU; "" where they do. */
  String whyUnusable() {
    return hardware.whyUnusable();
  }

  @Override
  public boolean computes(DType dtype) {
    return dtype.isFloating() && (dtype != DType.BF16 || hardware.multipliesBf16());
  }

  @Override
  public void allowTf32(boolean allowed) {
    if (allowed != tf32) {
      tf32 = allowed;
      releaseCaches();
    }
  }

  /** Whether products of F32 may be computed in TF32. Plans are made anew when that changes. */
  public boolean allowsTf32() {
    return tf32;
  }

  @Override
  public void deterministic(boolean wanted) {
    if (wanted != deterministic) {
      deterministic = wanted;
      releaseCaches();
    }
  }

  /** Whether two runs have to give the same bits. Plans are made anew when that changes. */
  public boolean isDeterministic() {
    return deterministic;
  }

  Algorithms algorithms() {
    return algorithms;
  }

  // Takes no lock of this object: the caller holds that of the memory, which a recording, holding
  // the lock of this object, asks for too.
  @Override
  public long allocate(long bytes) {
    makeCurrent();
    Address address = new Address();
    int status = JCudaDriver.cuMemAlloc(address, bytes);
    if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw new OutOfDeviceMemoryException(
          faults.message(
              String.format(
                  "%,d bytes cannot be allocated%s. A smaller batch or image needs less",
                  bytes, whatIsFree())));
    }
    check(status, "allocate memory");
    return address.value();
  }

  /** Memory of the backend's own, for which tensors' memory that is not in use is given back. */
  long allocateOwn(long bytes) {
    for (Device each : Device.all()) {
      if (each.driver() == this) {
        return each.memory().allocateForDriver(bytes);
      }
    }
    return allocate(bytes);
  }

  private static String whatIsFree() {
    long[] free = new long[1];
    long[] total = new long[1];
    return JCudaDriver.cuMemGetInfo(free, total) == CUresult.CUDA_SUCCESS
        ? String.format("; %,d of %,d are free", free[0], total[0])
        : "";
  }

  // Waits, since the driver does not promise to. A recording keeps addresses, so what is freed
  // meanwhile is freed with it.
  @Override
  public void free(long address) {
    makeCurrent();
    synchronized (freeing) {
      if (recording != null) {
        recording.freeAtClose(address);
        return;
      }
      int waited = JCudaDriver.cuStreamSynchronize(stream);
      check(JCudaDriver.cuMemFree(new Address(address)), "free memory");
      check(waited, "wait for the work on memory that is freed");
    }
  }

  @Override
  public synchronized void copyIn(ByteBuffer source, long target) {
    makeCurrent();
    staging.copyIn(source, target);
  }

  @Override
  public synchronized void copyOut(long source, ByteBuffer target) {
    makeCurrent();
    requireNotRecording("reads from the device");
    staging.copyOut(source, target);
  }

  @Override
  public synchronized void copy(long source, long target, long bytes) {
    makeCurrent();
    check(JCudaDriver.cuMemcpyDtoDAsync(at(target), at(source), bytes, stream), "copy");
  }

  @Override
  public synchronized void zero(long target, long bytes) {
    makeCurrent();
    check(JCudaDriver.cuMemsetD8Async(at(target), (byte) 0, bytes, stream), "set to zero");
  }

  @Override
  public synchronized void synchronize() {
    makeCurrent();
    requireNotRecording("waits for the device");
    check(JCudaDriver.cuStreamSynchronize(stream), "wait for the device");
  }

  @Override
  public void releaseCaches() {
    Release release = new Release();
    synchronized (this) {
      makeCurrent();
      List.copyOf(recordings).forEach(recorded -> release.of(recorded::close));
    }
    // without the lock, since who makes a plan holds the cache's and then takes this one
    release.of(super::releaseCaches);
    synchronized (this) {
      release.of(workspace::release).of(handles::releaseCublas);
    }
    release.end();
  }

  @Override
  public boolean records() {
    return true;
  }

  @Override
  public synchronized Recording record(Runnable work) {
    makeCurrent();
    if (recording != null) {
      throw new IllegalStateException(name() + " records already");
    }
    // The graph keeps the addresses of the workspace, so it keeps the workspace too.
    CudaRecording made = new CudaRecording(this, workspace);
    recordings.add(made);
    try {
      recordInto(made);
      try {
        made.capture(work);
      } finally {
        recordInto(null);
      }
      workspace = new Workspace(this);
      made.replay();
      return made;
    } catch (RuntimeException | Error e) {
      workspace = new Workspace(this);
      Release.after(e).of(made::close).end();
      throw e;
    }
  }

  private void recordInto(CudaRecording next) {
    synchronized (freeing) {
      recording = next;
    }
  }

  void forget(CudaRecording ended) {
    recordings.remove(ended);
  }

  /** The recording that is being made, or null. */
  CudaRecording recording() {
    return recording;
  }

  /** For operations that do something else each time: makes a recording of them fail. */
  public void refuseRecording(String why) {
    if (recording != null) {
      recording.refuse(why);
    }
  }

  /**
   * To be called first in every computation: readies the calling thread. Returns for {@link
   * #ended}.
   *
   * @param named as a text, the operation and its shapes, which every error until its end names
   */
  public long begins(Object named) {
    makeCurrent();
    operations++;
    faults.begins(named);
    return kernelBegins();
  }

  /** To be called last in every computation. Where somebody observes, waits for its end. */
  public void ended(String kernel, String implementation, long began) {
    faults.ends();
    if (began != 0) {
      synchronize();
      kernelEnded(kernel, implementation, began);
    }
  }

  /** Another number in each computation. */
  long operation() {
    return operations;
  }

  /** A kernel of our own from the room's {@code .cu} file. */
  public Kernel kernel(String room, String name) {
    makeCurrent();
    return modules.kernel(room, name);
  }

  /** The end of the name of a kernel that computes in this type. */
  public static String suffix(DType type) {
    return "_" + type.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Blocks of {@link #THREADS} threads for this many elements, which the threads share in turns.
   */
  public int blocks(long elements) {
    long each = (elements + THREADS - 1) / THREADS;
    return (int) Math.max(1, Math.min(each, (long) processors() * BLOCKS_PER_PROCESSOR));
  }

  public int processors() {
    return hardware.processors();
  }

  /**
   * Memory for what one call of a plan needs besides its tensors, undefined at the start of the
   * call; the same for every plan.
   */
  public long workspace(long bytes) {
    return workspace.atLeast(bytes);
  }

  /** Gives the workspace back, which may have become larger than what plans need. */
  void releaseWorkspace() {
    workspace.release();
  }

  /** An address as JCuda takes it. */
  public CUdeviceptr at(long address) {
    return addresses.at(address);
  }

  public CUstream stream() {
    return stream;
  }

  public cudnnHandle cudnn() {
    return handles.cudnn();
  }

  public cublasHandle cublas() {
    return handles.cublas();
  }

  /** Throws if a call of the driver has failed. */
  public void check(int status, String doing) {
    faults.check(status, doing);
  }

  /** Throws if a call of cuDNN has failed. */
  public void checkCudnn(int status, String doing) {
    faults.checkCudnn(status, doing);
  }

  /** Throws if a call of cuBLAS has failed. */
  public void checkCublas(int status, String doing) {
    faults.checkCublas(status, doing);
  }

  /** An error that no status stands for. */
  CudaException failure(String what) {
    return new CudaException(faults.message(what));
  }

  @Override
  public synchronized void requireNotRecording(String what) {
    if (recording != null) {
      throw new UnsupportedOperationException(
          "what is recorded on " + name() + " " + what + ", which cannot be recorded");
    }
  }

  private void makeCurrent() {
    faults.requireNotLost();
    context.makeCurrent();
  }
}
