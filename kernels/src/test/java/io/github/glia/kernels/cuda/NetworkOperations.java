package io.github.glia.kernels.cuda;

import static io.github.glia.kernels.cuda.Operation.TYPE;
import static io.github.glia.kernels.cuda.Operation.filled;

import io.github.glia.kernels.Release;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.convtranspose.ConvTranspose2dPlan;
import io.github.glia.kernels.convtranspose.ConvTranspose2dShape;
import io.github.glia.kernels.linear.LinearPlan;
import io.github.glia.kernels.linear.LinearShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** The operations of cuDNN and cuBLAS, forward and backward. */
final class NetworkOperations {
  private static final ConvolutionGeometry GEOMETRY =
      new ConvolutionGeometry(
          Shape.of(2, 4, 6, 8), Shape.of(16, 3, 3, 8), Shape.of(2, 4, 6, 16), 1, 1, 1, 1, 1, 1, 1);

  private NetworkOperations() {}

  static List<Operation> all() {
    Conv2dShape window = Conv2dShape.same(2, 4, 6, 8, 16, 3);
    Conv2dShape point = Conv2dShape.same(2, 4, 6, 16, 1, 1);
    return List.of(
        convolution(new Conv2dPlan.Key(window, TYPE, TYPE, true, true)),
        convolution(new Conv2dPlan.Key(window, TYPE, DType.F32, true, false)),
        convolution(new Conv2dPlan.Key(window, DType.F32, DType.F32, false, false)),
        convolution(new Conv2dPlan.Key(point, TYPE, DType.F32, true, false)),
        transposedConvolution(),
        linear(),
        choice("conv2d to be measured", false),
        choice("conv2d to be deterministic", true));
  }

  private static Operation convolution(Conv2dPlan.Key key) {
    Conv2dShape s = key.shape();
    return new Operation(
        "conv2d " + key,
        device -> {
          Tensor x = filled(device, key.input(), s.input());
          Tensor w = filled(device, DType.F32, s.weights());
          Tensor b = key.bias() ? filled(device, DType.F32, s.bias()) : null;
          Tensor y = Tensor.empty(device, key.output(), s.output());
          Tensor packedY = y.emptyLike();
          Tensor dx = x.emptyLike();
          Tensor dw = w.emptyLike();
          Tensor db = key.bias() ? b.emptyLike() : null;
          Tensor packed =
              Tensor.empty(
                  device, DType.U8, Shape.of((int) Conv2dPlan.on(device, key).packedBytes()));
          return new Operation.Ready(
              () -> {
                Conv2dPlan plan = Conv2dPlan.on(device, key);
                plan.forward(x, w, b, y);
                plan.pack(w, packed);
                plan.forwardPacked(x, packed, b, packedY);
                plan.backwardData(y, w, dx);
                plan.backwardWeights(x, y, dw, db);
              },
              key.bias() ? List.of(y, packedY, dx, dw, db) : List.of(y, packedY, dx, dw));
        });
  }

  private static Operation transposedConvolution() {
    ConvTranspose2dShape s = ConvTranspose2dShape.upscaling(2, 4, 6, 8, 8, 2);
    ConvTranspose2dPlan.Key key = new ConvTranspose2dPlan.Key(s, TYPE, true);
    return new Operation(
        "convTranspose2d " + key,
        device -> {
          Tensor x = filled(device, s.input());
          Tensor w = filled(device, DType.F32, s.weights());
          Tensor b = filled(device, DType.F32, s.bias());
          Tensor y = Tensor.empty(device, TYPE, s.output());
          Tensor dx = x.emptyLike();
          Tensor dw = w.emptyLike();
          Tensor db = b.emptyLike();
          return new Operation.Ready(
              () -> {
                ConvTranspose2dPlan plan = ConvTranspose2dPlan.on(device, key);
                plan.forward(x, w, b, y);
                plan.backwardData(y, w, dx);
                plan.backwardWeights(x, y, dw, db);
              },
              List.of(y, dx, dw, db));
        });
  }

  private static Operation linear() {
    LinearShape s = new LinearShape(6, 8, 16);
    LinearPlan.Key key = new LinearPlan.Key(s, TYPE, true);
    return new Operation(
        "linear " + key,
        device -> {
          Tensor x = filled(device, s.input());
          Tensor w = filled(device, DType.F32, s.weights());
          Tensor b = filled(device, DType.F32, s.bias());
          Tensor y = Tensor.empty(device, TYPE, s.output());
          Tensor dx = x.emptyLike();
          Tensor dw = w.emptyLike();
          Tensor db = b.emptyLike();
          return new Operation.Ready(
              () -> {
                LinearPlan plan = LinearPlan.on(device, key);
                plan.forward(x, w, b, y);
                plan.backwardData(y, w, dx);
                plan.backwardWeights(x, y, dw, db);
              },
              List.of(y, dx, dw, db));
        });
  }

  /** The choice of algorithms by a device that has measured nothing yet. */
  private static Operation choice(String name, boolean deterministic) {
    return new Operation(
        name,
        device ->
            new Operation.Ready(
                () -> {
                  device.deterministic(deterministic);
                  try {
                    choose(device, name);
                  } finally {
                    device.deterministic(false);
                  }
                },
                List.of()));
  }

  private static void choose(Device device, String name) {
    CudaBackend cuda = (CudaBackend) device.driver();
    Algorithms algorithms = new Algorithms(cuda, new AlgorithmFile(null));
    CudaPlan plan = new CudaPlan(cuda, name) {};
    Release release = new Release();
    synchronized (cuda) {
      release.of(
          () -> {
            long began = plan.begins();
            algorithms.choose(new ForwardDirection(plan, "forward", GEOMETRY, TYPE));
            algorithms.choose(new DataDirection(plan, "backwardData", GEOMETRY, TYPE));
            algorithms.choose(new WeightsDirection(plan, "backwardWeights", GEOMETRY, TYPE));
            cuda.ended(name, "", began);
          });
    }
    release.of(plan::close).end();
  }
}
