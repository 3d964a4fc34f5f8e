package io.github.glia.kernels.cuda;

import io.github.glia.kernels.Plan;
import io.github.glia.kernels.Release;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;

/** A plan on a GPU: what it owns there, and what the libraries chose for it. */
public abstract class CudaPlan implements Plan {
  /** The implementation of kernels of our own. */
  public static final String OWN = "CUDA C";

  protected final CudaBackend cuda;
  private final String name;
  private final Deque<Runnable> owned = new ArrayDeque<>();
  private final Map<String, String> chosen = new LinkedHashMap<>();
  private boolean closed;

  /**
   * @param name the operation and its shapes, for errors
   */
  protected CudaPlan(CudaBackend cuda, String name) {
    this.cuda = cuda;
    this.name = name;
  }

  /** The operation and its shapes. */
  protected final String name() {
    return name;
  }

  /** To be called first in every computation; returns for {@link CudaBackend#ended}. */
  protected final long begins() {
    return begins(name);
  }

  /**
   * The same, of what depends on the call.
   *
   * @param named as a text, the operation and its shapes, for errors
   */
  protected final long begins(Object named) {
    if (closed) {
      throw new IllegalStateException(
          name
              + " was released by releaseCaches(): call that between steps, when all plans of the"
              + " one before have done their work");
    }
    return cuda.begins(named);
  }

  /** Notes what the vendor's library chose for a use. */
  protected final void chose(String use, String implementation) {
    chosen.put(use, implementation);
  }

  /**
   * A descriptor of cuDNN that is destroyed with this plan.
   *
   * @param create makes it; returns cuDNN's status
   */
  protected final <D> D own(D descriptor, ToIntFunction<D> create, ToIntFunction<D> destroy) {
    cuda.checkCudnn(create.applyAsInt(descriptor), name + ": create a descriptor");
    owned.push(
        () -> cuda.checkCudnn(destroy.applyAsInt(descriptor), name + ": destroy a descriptor"));
    return descriptor;
  }

  /** Builds in the constructor; if that fails, what was made until then is freed. */
  protected final void build(Runnable steps) {
    try {
      steps.run();
    } catch (RuntimeException e) {
      Release.after(e).of(this::close).end();
    }
  }

  @Override
  public final Map<String, String> implementations() {
    return Map.copyOf(chosen);
  }

  @Override
  public final void close() {
    closed = true;
    synchronized (cuda) {
      Release release = new Release();
      while (!owned.isEmpty()) {
        release.of(owned.pop());
      }
      release.end();
    }
  }
}
