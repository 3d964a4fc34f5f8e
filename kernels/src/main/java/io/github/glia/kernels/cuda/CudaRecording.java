package io.github.glia.kernels.cuda;

import io.github.glia.kernels.Recording;
import io.github.glia.kernels.Release;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/** A CUDA graph, with the memory that belongs to it. */
final class CudaRecording implements Recording {
  private final CudaBackend cuda;
  private final CUgraphExec graph = new CUgraphExec();
  private final List<Pointer> constants = new ArrayList<>();
  private final List<Long> freed = new ArrayList<>();
  private final Workspace workspace;
  private boolean instantiated;
  private boolean usable = true;
  private String refusal;

  CudaRecording(CudaBackend cuda, Workspace workspace) {
    this.cuda = cuda;
    this.workspace = workspace;
  }

  /** Captures what some work launches; nothing of it runs yet. For callers that hold the lock. */
  void capture(Runnable work) {
    // Relaxed, since other threads may copy and pinned memory may be allocated meanwhile.
    cuda.check(
        JCudaDriver.cuStreamBeginCapture(
            cuda.stream(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED),
        "begin to record");
    CUgraph captured = new CUgraph();
    boolean complete = false;
    try {
      work.run();
      complete = refusal == null;
    } finally {
      int ended = JCudaDriver.cuStreamEndCapture(cuda.stream(), captured);
      if (ended != 0) {
        stopCapture();
      }
      if (complete) {
        cuda.check(ended, "end a recording");
      } else if (ended == 0) {
        cuda.check(JCudaDriver.cuGraphDestroy(captured), "destroy the graph of a recording");
      }
    }
    if (!complete) {
      throw new UnsupportedOperationException(refusal);
    }
    int status = JCudaDriver.cuGraphInstantiate(graph, captured, 0);
    instantiated = status == 0;
    cuda.check(JCudaDriver.cuGraphDestroy(captured), "destroy the graph of a recording");
    cuda.check(status, "make a recording ready");
  }

  /** A stream that went on recording would refuse all else; what it recorded is of no use. */
  private void stopCapture() {
    CUgraph captured = new CUgraph();
    if (JCudaDriver.cuStreamEndCapture(cuda.stream(), captured) == 0) {
      JCudaDriver.cuGraphDestroy(captured);
    }
  }

  /** Says that what is being asked of the device cannot be part of a recording. */
  void refuse(String why) {
    if (refusal == null) {
      refusal = why;
    }
  }

  /** Keeps memory that was given back after the recording had noted, perhaps, its address. */
  void freeAtClose(long address) {
    freed.add(address);
  }

  /** Pinned memory that the recording copies from at each replay. */
  Pointer constant(long bytes) {
    Pointer memory = new Pointer();
    cuda.check(JCudaDriver.cuMemAllocHost(memory, bytes), "allocate pinned memory");
    constants.add(memory);
    return memory;
  }

  @Override
  public void replay() {
    synchronized (cuda) {
      if (!usable) {
        throw new IllegalStateException(
            "a recording on " + cuda.name() + " was used after its end");
      }
      long began = cuda.begins("recorded step");
      cuda.check(JCudaDriver.cuGraphLaunch(graph, cuda.stream()), "replay a recording");
      cuda.ended("recorded step", "CUDA graph", began);
    }
  }

  @Override
  public boolean isUsable() {
    return usable;
  }

  @Override
  public void close() {
    synchronized (cuda) {
      if (usable) {
        usable = false;
        cuda.forget(this);
        Release release = new Release().of(cuda::synchronize);
        if (instantiated) {
          release.of(
              () -> cuda.check(JCudaDriver.cuGraphExecDestroy(graph), "destroy a recording"));
        }
        for (Pointer constant : constants) {
          release.of(() -> cuda.check(JCudaDriver.cuMemFreeHost(constant), "free pinned memory"));
        }
        constants.clear();
        freed.forEach(address -> release.of(() -> cuda.free(address)));
        freed.clear();
        release.of(workspace::release).end();
      }
    }
  }
}
