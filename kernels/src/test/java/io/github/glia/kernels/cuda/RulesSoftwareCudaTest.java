package io.github.glia.kernels.cuda;

import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxDestroy;
import static jcuda.driver.JCudaDriver.cuCtxGetCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.cuda.loading.CudaLibraries;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That the software device keeps CUDA's rules: a backend that breaks one must not pass on it. */
final class RulesSoftwareCudaTest {
  private static final int INVALID_VALUE = 1;
  private static final int INVALID_CONTEXT = 201;
  private static final int CAPTURE_UNSUPPORTED = 900;
  private static final int CAPTURE_INVALIDATED = 901;
  private static final int BYTES = 4 * Float.BYTES;

  private final CUcontext before = new CUcontext();
  private final CUcontext context = new CUcontext();
  private final CUstream stream = new CUstream();

  @BeforeAll
  static void onlyWhereItCouldBeBuilt() {
    Path libraries = Path.of(System.getProperty("glia.cuda.libraries", ""));
    assumeTrue(
        Files.exists(libraries.resolve("libcuda.so.1")),
        "the software CUDA device was not built: there is no g++");
    assertTrue(CudaLibraries.load().usable(), () -> CudaLibraries.load().whyNot());
  }

  /** A context of its own, so that the errors that stick to it do not meet other tests. */
  @BeforeEach
  void open() {
    assertEquals(0, cuCtxGetCurrent(before));
    CUdevice device = new CUdevice();
    assertEquals(0, cuDeviceGet(device, 0));
    assertEquals(0, cuCtxCreate(context, 0, device));
    assertEquals(0, cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
  }

  @AfterEach
  void close() {
    cuCtxSetCurrent(context);
    assertEquals(0, cuStreamDestroy(stream));
    assertEquals(0, cuCtxDestroy(context));
    assertEquals(0, cuCtxSetCurrent(before));
  }

  @Test
  void newMemoryIsNaN() {
    CUdeviceptr memory = allocated();
    assertTrue(Float.isNaN(read(memory)[3]));
    assertEquals(0, cuMemFree(memory));
  }

  @Test
  void workThatNobodyWaitedForIsNotDone() {
    CUdeviceptr memory = allocated();
    assertEquals(0, cuMemsetD32Async(memory, 0, 4, stream));
    assertTrue(Float.isNaN(read(memory)[0]));
    assertEquals(0, cuStreamSynchronize(stream));
    assertArrayEquals(new float[4], read(memory));
    assertEquals(0, cuMemFree(memory));
  }

  @Test
  void pinnedMemoryIsReadWhenTheCopyRuns() {
    CUdeviceptr memory = allocated();
    Pointer pinned = new Pointer();
    assertEquals(0, cuMemAllocHost(pinned, BYTES));
    var floats = pinned.getByteBuffer(0, BYTES).order(ByteOrder.nativeOrder()).asFloatBuffer();
    floats.put(0, 1);
    assertEquals(0, cuMemcpyHtoDAsync(memory, pinned, BYTES, stream));
    floats.put(0, 2);
    assertEquals(0, cuStreamSynchronize(stream));
    assertEquals(2, read(memory)[0]);
    assertEquals(0, cuMemFreeHost(pinned));
    assertEquals(0, cuMemFree(memory));
  }

  @Test
  void freedMemoryCannotBeUsedOrFreedAgain() {
    CUdeviceptr memory = allocated();
    assertEquals(0, cuMemFree(memory));
    assertEquals(INVALID_VALUE, cuMemFree(memory));
    assertEquals(INVALID_VALUE, cuMemsetD32Async(memory, 0, 4, stream));
  }

  @Test
  void aFillBeyondTheAllocationIsRefused() {
    CUdeviceptr memory = allocated();
    assertEquals(INVALID_VALUE, cuMemsetD32Async(memory, 0, 5, stream));
    assertEquals(0, cuMemFree(memory));
  }

  @Test
  void aThreadWithoutContextCanDoNothing() {
    cuCtxSetCurrent(new CUcontext());
    assertEquals(INVALID_CONTEXT, cuMemAlloc(new CUdeviceptr(), BYTES));
  }

  @Test
  void memoryCannotBeTakenDuringCapture() {
    assertEquals(0, cuStreamBeginCapture(stream, 0));
    assertEquals(CAPTURE_UNSUPPORTED, cuMemAlloc(new CUdeviceptr(), BYTES));
    assertEquals(CAPTURE_INVALIDATED, cuStreamEndCapture(stream, new CUgraph()));
  }

  @Test
  void waitingDuringCaptureEndsIt() {
    assertEquals(0, cuStreamBeginCapture(stream, 0));
    assertEquals(CAPTURE_UNSUPPORTED, cuStreamSynchronize(stream));
    assertEquals(CAPTURE_INVALIDATED, cuStreamEndCapture(stream, new CUgraph()));
  }

  private static CUdeviceptr allocated() {
    CUdeviceptr memory = new CUdeviceptr();
    assertEquals(0, cuMemAlloc(memory, BYTES));
    return memory;
  }

  private static float[] read(CUdeviceptr memory) {
    float[] values = new float[4];
    assertEquals(0, cuMemcpyDtoH(Pointer.to(values), memory, BYTES));
    return values;
  }
}
