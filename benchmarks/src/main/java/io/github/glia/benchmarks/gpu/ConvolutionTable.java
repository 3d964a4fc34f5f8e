package io.github.glia.benchmarks.gpu;

import io.github.glia.kernels.cuda.ConvolutionTrials;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaException;
import io.github.glia.kernels.cuda.MatrixProduct;
import io.github.glia.kernels.cuda.StreamTimer;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.OutOfDeviceMemoryException;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;

/**
 * Times each algorithm that cuDNN has for each convolution of the networks, in each direction, and
 * says which of them Glia computes with.
 *
 * <pre>
 *   ConvolutionTable DEVICE BATCH SIZE FLUSH FOLDER PRECISION...
 * </pre>
 *
 * SIZE is that of the images, FLUSH the MiB that are written before each call: more than the GPU's
 * cache holds, so that operands come from memory. They also keep the GPU busy until the call has
 * been asked for. What FOLDER has of an earlier run is not measured again.
 */
public final class ConvolutionTable implements AutoCloseable {
  private static final String[] NETWORKS = {"lgg", "classic"};
  private static final int RUNS = 7;
  private static final double ENOUGH_MILLISECONDS = 500;

  /** Rows and columns of the matrices whose product is a limit, for each pixel of SIZE. */
  private static final int MATRIX = 32;

  private final Device device;
  private final CudaBackend cuda;
  private final String precision;
  private final DType type;
  private final TrialTable table;
  private final Operands operands;
  private final StreamTimer timer;
  private final Scope scope = Scope.detached();
  private final Tensor flush;

  private ConvolutionTable(Device device, String precision, int flushMebibytes, TrialTable table) {
    this.device = device;
    this.precision = precision;
    this.table = table;
    cuda = Gpu.of(device);
    type = Course.precision(precision).ready(device);
    operands = new Operands(device, type);
    timer = new StreamTimer(cuda);
    try (Scope making = Scope.open()) {
      flush = scope.adopt(Tensor.empty(device, DType.U8, Shape.of(flushMebibytes << 20)));
    }
  }

  public static void main(String[] args) throws IOException {
    Device device = Device.named(args[0]);
    Gpu.of(device);
    int batch = Integer.parseInt(args[1]);
    int size = Integer.parseInt(args[2]);
    measure(
        device,
        Convolution.of(batch, size, NETWORKS),
        MATRIX * size,
        Integer.parseInt(args[3]),
        Path.of(args[4]),
        List.of(args).subList(5, args.length));
  }

  /** Measures one precision after the other, and prints what follows from each. */
  static void measure(
      Device device,
      List<Convolution> convolutions,
      int matrix,
      int flushMebibytes,
      Path folder,
      List<String> precisions)
      throws IOException {
    TrialTable table = new TrialTable(folder);
    for (String precision : precisions) {
      try (ConvolutionTable program =
          new ConvolutionTable(device, precision, flushMebibytes, table)) {
        program.measureProduct(matrix);
        for (Convolution convolution : convolutions) {
          program.measure(convolution);
        }
      }
      device.releaseCaches();
      System.out.println(table.summary(precision));
    }
  }

  private void measureProduct(int n) throws IOException {
    String sizes = n + "x" + n + "x" + n;
    if (table.has(precision, sizes, TrialTable.PRODUCT)) {
      return;
    }
    MatrixProduct product =
        new MatrixProduct(cuda, TrialTable.PRODUCT, type, type, n, n, n, false, true);
    long bytes = (long) n * n * type.bytes();
    long a = operands.atLeast(2 * bytes, bytes);
    double milliseconds =
        median(
            () -> {
              synchronized (cuda) {
                long began = cuda.begins(TrialTable.PRODUCT);
                product.run(a, a + bytes, a + 2 * bytes, 0);
                cuda.ended(TrialTable.PRODUCT, product.implementation(), began);
              }
            });
    table.add(
        List.of(
            new Trial(
                precision,
                sizes,
                TrialTable.PRODUCT,
                "cublasGemmEx",
                product.implementation(),
                2e-9 * n * n * n,
                milliseconds,
                0)));
  }

  private void measure(Convolution convolution) throws IOException {
    if (table.has(precision, convolution.name(), convolution.direction())) {
      return;
    }
    List<Trial> trials = new ArrayList<>();
    try (ConvolutionTrials cudnn =
        new ConvolutionTrials(cuda, convolution.geometry(), type, convolution.product())) {
      String chosen = chosen(convolution, cudnn);
      for (String algorithm : cudnn.algorithms()) {
        OptionalLong workspace = cudnn.workspace(algorithm);
        trials.add(
            new Trial(
                precision,
                convolution.name(),
                convolution.direction(),
                algorithm,
                chosen,
                convolution.flops() * 1e-9,
                workspace.isPresent()
                    ? milliseconds(cudnn, algorithm, workspace.getAsLong())
                    : Double.NaN,
                workspace.orElse(0)));
      }
    }
    table.add(trials);
  }

  /** A plan that has chosen something else than cuDNN says so before it is used. */
  private String chosen(Convolution convolution, ConvolutionTrials cudnn) {
    String other =
        convolution.plan().apply(device, type).implementations().get(convolution.direction());
    return other == null ? cudnn.chosen() : other;
  }

  /** NaN where it does not compute, which is no fault here as long as the GPU works. */
  private double milliseconds(ConvolutionTrials cudnn, String algorithm, long workspace) {
    try {
      long address = operands.atLeast(cudnn.operandBytes(), workspace);
      return cudnn.run(algorithm, address, workspace)
          ? median(() -> cudnn.run(algorithm, address, workspace))
          : Double.NaN;
    } catch (OutOfDeviceMemoryException | CudaException e) {
      System.err.println(algorithm + ": " + e.getMessage());
      device.synchronize();
      return Double.NaN;
    }
  }

  private double median(Runnable call) {
    List<Double> times = new ArrayList<>();
    double sum = 0;
    while (times.size() < RUNS && sum < ENOUGH_MILLISECONDS) {
      flush.zero();
      timer.start();
      call.run();
      timer.stop();
      double time = timer.milliseconds();
      times.add(time);
      sum += time;
    }
    Collections.sort(times);
    return times.get(times.size() / 2);
  }

  @Override
  public void close() {
    operands.close();
    timer.close();
    scope.close();
  }
}
