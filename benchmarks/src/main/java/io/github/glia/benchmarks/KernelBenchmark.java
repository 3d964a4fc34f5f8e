package io.github.glia.benchmarks;

import io.github.glia.kernels.Plan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A benchmark of one operation. {@link Benchmarks} gives parameters that have no values here
 * theirs: the devices and types that there are here, and all shapes of the networks.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public abstract class KernelBenchmark {
  /** What runs now, for {@link WorkProfiler}. */
  static volatile Work running;

  @Param("cpu")
  public String device;

  @Param("F32")
  public String type;

  @Param("4")
  public int batch;

  private Scope scope;
  private Work work;

  /** Makes the tensors and the plan. */
  abstract Work prepare();

  @Setup
  public void open() {
    scope = Scope.open();
    work = prepare();
    running = work;
  }

  @Benchmark
  public void run() {
    work.call().run();
    device().synchronize();
  }

  @TearDown
  public void close() {
    running = null;
    scope.close();
  }

  final Device device() {
    return Device.named(device);
  }

  final DType type() {
    return DType.valueOf(type);
  }

  /** Random numbers, as of images: a processor may be quicker with zeros. */
  final Tensor random(DType dtype, Shape shape) {
    Philox random = new Philox(1, shape.hashCode());
    float[] values = new float[Math.toIntExact(shape.count())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (2 * random.nextFloat() - 1) * (dtype.isFloating() ? 1 : Byte.MAX_VALUE);
    }
    return Tensor.of(device(), dtype, shape, values);
  }

  final Tensor random(Shape shape) {
    return random(type(), shape);
  }

  final Tensor empty(Shape shape) {
    return Tensor.empty(device(), type(), shape);
  }

  /** A call of a plan that the memory limits. */
  static Work moving(Runnable call, Plan plan, Tensor... touched) {
    return computing(call, plan, 0, touched);
  }

  static Work computing(Runnable call, Plan plan, long flops, Tensor... touched) {
    long bytes = 0;
    for (Tensor tensor : touched) {
      bytes += tensor.bytes();
    }
    return new Work(call, flops, bytes, plan::implementations);
  }

  static IllegalArgumentException noSuchDirection(String direction) {
    return new IllegalArgumentException("there is no direction \"" + direction + "\" here");
  }
}
