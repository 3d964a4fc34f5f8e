package io.github.glia.kernels.cuda;

import static io.github.glia.kernels.cuda.Operation.filled;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Recording;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.elementwise.AddPlan;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.OptionalLong;

/** What a device does besides computing. */
final class DeviceOperations {
  private static final Shape SHAPE = Shape.of(2, 4, 6, 8);

  private DeviceOperations() {}

  static List<Operation> all() {
    return List.of(
        copyIn(),
        copyOut(),
        copy(),
        zero(),
        allocate(),
        describe(),
        synchronize(),
        record(),
        time(),
        tryAlgorithms());
  }

  private static Operation copyIn() {
    return new Operation(
        "to the device",
        device -> {
          Tensor y = filled(device, SHAPE);
          float[] values = y.toFloats();
          return new Operation.Ready(() -> y.copyFrom(values), List.of(y));
        });
  }

  private static Operation copyOut() {
    return new Operation(
        "from the device",
        device -> {
          Tensor x = filled(device, SHAPE);
          return new Operation.Ready(x::toFloats, List.of());
        });
  }

  private static Operation copy() {
    return new Operation(
        "copy",
        device -> {
          Tensor x = filled(device, SHAPE);
          Tensor y = x.emptyLike();
          return new Operation.Ready(() -> y.copyFrom(x), List.of(y));
        });
  }

  private static Operation zero() {
    return new Operation(
        "set to zero",
        device -> {
          Tensor y = filled(device, SHAPE);
          return new Operation.Ready(y::zero, List.of(y));
        });
  }

  private static Operation allocate() {
    return new Operation(
        "allocate memory",
        device ->
            new Operation.Ready(
                () -> {
                  try (Scope scope = Scope.open()) {
                    Tensor.empty(device, Operation.TYPE, Shape.of(64 << 20));
                  }
                },
                List.of()));
  }

  private static Operation describe() {
    return new Operation("ask for", device -> new Operation.Ready(device::description, List.of()));
  }

  private static Operation synchronize() {
    return new Operation(
        "wait for the device", device -> new Operation.Ready(device::synchronize, List.of()));
  }

  private static Operation record() {
    AddPlan.Key key = new AddPlan.Key(SHAPE, Operation.TYPE);
    return new Operation(
        "record a step",
        "",
        device -> {
          Tensor a = filled(device, SHAPE);
          float[] values = a.toFloats();
          Tensor y = a.emptyLike();
          return new Operation.Ready(
              () -> {
                AddPlan plan = AddPlan.on(device, key);
                Runnable step =
                    () -> {
                      a.copyFrom(values);
                      plan.forward(a, a, y);
                    };
                try (Recording recording = Backend.of(device).record(step)) {
                  recording.replay();
                }
              },
              List.of(y));
        });
  }

  private static Operation time() {
    return new Operation(
        "timer",
        device -> {
          CudaBackend cuda = (CudaBackend) Backend.of(device);
          return new Operation.Ready(
              () -> {
                try (StreamTimer timer = new StreamTimer(cuda)) {
                  timer.start();
                  timer.stop();
                  timer.milliseconds();
                }
              },
              List.of());
        });
  }

  private static Operation tryAlgorithms() {
    Conv2dShape s = Conv2dShape.same(1, 4, 5, 3, 2, 3);
    ConvolutionGeometry geometry =
        new ConvolutionGeometry(s.input(), s.weights(), s.output(), 1, 1, 1, 1, 1, 1, 1);
    return new Operation(
        "conv2d " + geometry,
        device -> {
          CudaBackend cuda = (CudaBackend) Backend.of(device);
          Tensor operands = filled(device, Shape.of(1 << 12));
          return new Operation.Ready(
              () -> {
                try (ConvolutionTrials trials =
                    new ConvolutionTrials(
                        cuda, geometry, Operation.TYPE, ConvolutionTrials.Direction.FORWARD)) {
                  for (String algorithm : trials.algorithms()) {
                    OptionalLong workspace = trials.workspace(algorithm);
                    if (workspace.isPresent()) {
                      trials.run(algorithm, operands.address(), workspace.getAsLong());
                    }
                  }
                  trials.chosen();
                }
              },
              List.of());
        });
  }
}
