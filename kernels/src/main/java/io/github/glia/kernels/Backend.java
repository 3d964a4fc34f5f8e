package io.github.glia.kernels;

import io.github.glia.tensor.Device;
import io.github.glia.tensor.DeviceDriver;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A device as kernels see it: what {@link DeviceDriver} asks for, and a cache of plans. */
public abstract class Backend implements DeviceDriver {
  private final Map<Record, Plan> plans = new ConcurrentHashMap<>();
  private volatile KernelObserver observer;
  private volatile long releases;

  public static Backend of(Device device) {
    return (Backend) device.driver();
  }

  /**
   * The plan of that key, made at first use.
   *
   * @param key a record of all that the plan depends on
   * @param makers one for each kind of device that computes the operation
   */
  @SafeVarargs
  @SuppressWarnings("unchecked") // a key belongs to one contract, which asks for its own plans
  public final <P extends Plan> P plan(Record key, Maker<P>... makers) {
    // Who records holds the device, which the maker of a plan may be waiting for: so no lock here.
    P found = (P) plans.get(key);
    if (found != null) {
      return found;
    }
    synchronized (plans) {
      P madeMeanwhile = (P) plans.get(key);
      if (madeMeanwhile != null) {
        return madeMeanwhile;
      }
      for (Maker<P> maker : makers) {
        if (maker.kind().isInstance(this)) {
          P made = maker.make().apply(this);
          plans.put(key, made);
          return made;
        }
      }
    }
    throw new UnsupportedOperationException(
        name() + " has no kernel for " + key + "; compute it on a device that has one");
  }

  /**
   * How often the caches were released: who keeps a plan asks for another when this has changed.
   */
  public final long releases() {
    return releases;
  }

  /** What the vendor's library chose for every plan in the cache. */
  public final Map<String, String> implementations() {
    synchronized (plans) {
      Map<String, String> chosen = new LinkedHashMap<>();
      plans.forEach(
          (key, plan) ->
              plan.implementations().forEach((use, name) -> chosen.put(key + " " + use, name)));
      return chosen;
    }
  }

  /** Tells an observer of every kernel that runs from now on; null ends that. */
  public final void observe(KernelObserver next) {
    observer = next;
  }

  /** When a kernel begins, for {@link #kernelEnded}. */
  public final long kernelBegins() {
    return observer == null ? 0 : System.nanoTime();
  }

  /** Tells the observer of a kernel, where there is one. */
  public final void kernelEnded(String kernel, String implementation, long began) {
    KernelObserver told = observer;
    if (told != null && began != 0) {
      told.ran(kernel, implementation, System.nanoTime() - began);
    }
  }

  /** Whether {@link #record} works here. */
  public boolean records() {
    return false;
  }

  /**
   * Notes what some work asks of this device, and runs it once. The work must have been done before
   * in the same way, so that its plans are made, and may read nothing back from the device.
   *
   * @throws UnsupportedOperationException if it asks for what cannot be recorded; it has not run
   */
  public Recording record(Runnable work) {
    throw new UnsupportedOperationException(name() + " records no work");
  }

  /**
   * For what cannot be part of a recording.
   *
   * @param what it does, as in "reads from the device"
   * @throws UnsupportedOperationException if it is being recorded
   */
  public void requireNotRecording(String what) {}

  @Override
  public void releaseCaches() {
    List<Plan> closed;
    synchronized (plans) {
      closed = List.copyOf(plans.values());
      plans.clear();
      releases++;
    }
    Release release = new Release();
    closed.forEach(plan -> release.of(plan::close));
    release.end();
  }
}
