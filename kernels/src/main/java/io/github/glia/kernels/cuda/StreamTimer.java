package io.github.glia.kernels.cuda;

import io.github.glia.kernels.Release;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/**
 * How long a GPU works on what is asked of it between {@link #start} and {@link #stop}, by its own
 * clock. Where it has caught up with those who ask, the time in which it waited for them is in it.
 */
public final class StreamTimer implements AutoCloseable {
  private static final String NAME = "timer";

  private final CudaBackend cuda;
  private final CUevent started = new CUevent();
  private final CUevent stopped = new CUevent();
  private final float[] elapsed = new float[1];

  public StreamTimer(CudaBackend cuda) {
    this.cuda = cuda;
    synchronized (cuda) {
      cuda.begins(NAME);
      create(started);
      try {
        create(stopped);
      } catch (CudaException e) {
        Release.after(e).of(() -> destroy(started)).end();
      }
      cuda.ended(NAME, "", 0);
    }
  }

  private void create(CUevent event) {
    cuda.check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DEFAULT), "create an event");
  }

  private void destroy(CUevent event) {
    cuda.check(JCudaDriver.cuEventDestroy(event), "destroy an event");
  }

  public void start() {
    record(started);
  }

  public void stop() {
    record(stopped);
  }

  private void record(CUevent event) {
    synchronized (cuda) {
      cuda.begins(NAME);
      cuda.check(JCudaDriver.cuEventRecord(event, cuda.stream()), "note the time");
      cuda.ended(NAME, "", 0);
    }
  }

  /** Waits until the work is done. */
  public double milliseconds() {
    synchronized (cuda) {
      cuda.begins(NAME);
      cuda.check(JCudaDriver.cuEventSynchronize(stopped), "wait for the end");
      cuda.check(JCudaDriver.cuEventElapsedTime(elapsed, started, stopped), "read the times");
      cuda.ended(NAME, "", 0);
      return elapsed[0];
    }
  }

  @Override
  public void close() {
    synchronized (cuda) {
      cuda.begins(NAME);
      new Release().of(() -> destroy(started)).of(() -> destroy(stopped)).end();
      cuda.ended(NAME, "", 0);
    }
  }
}
