package io.github.glia.kernels.cuda;

import static io.github.glia.kernels.cuda.Operation.filled;

import io.github.glia.kernels.concat.ConcatPlan;
import io.github.glia.kernels.concat.ConcatShape;
import io.github.glia.kernels.elementwise.AddPlan;
import io.github.glia.kernels.elementwise.MultiplyPlan;
import io.github.glia.kernels.elementwise.ScalePlan;
import io.github.glia.kernels.pool.AvgPool2dPlan;
import io.github.glia.kernels.pool.MaxPool2dPlan;
import io.github.glia.kernels.pool.Pool2dShape;
import io.github.glia.kernels.upsample.Interpolation;
import io.github.glia.kernels.upsample.UpsamplePlan;
import io.github.glia.kernels.upsample.UpsampleShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** The operations on elements and on images, forward and backward. */
final class ImageOperations {
  private static final DType TYPE = Operation.TYPE;
  private static final Shape IMAGE = Shape.of(2, 4, 6, 8);

  private ImageOperations() {}

  static List<Operation> all() {
    return List.of(add(), multiply(), scale(), maxPool(), avgPool(), upsample(), concat());
  }

  private static Operation add() {
    AddPlan.Key key = new AddPlan.Key(IMAGE, TYPE);
    return new Operation(
        "add [2, 4, 6, 8] BF16",
        device -> {
          Tensor a = filled(device, IMAGE);
          Tensor y = a.emptyLike();
          return new Operation.Ready(() -> AddPlan.on(device, key).forward(a, a, y), List.of(y));
        });
  }

  private static Operation multiply() {
    MultiplyPlan.Key key = new MultiplyPlan.Key(IMAGE, TYPE);
    return new Operation(
        "multiply [2, 4, 6, 8] BF16",
        device -> {
          Tensor a = filled(device, IMAGE);
          Tensor y = a.emptyLike();
          Tensor da = a.emptyLike();
          Tensor db = a.emptyLike();
          return new Operation.Ready(
              () -> {
                MultiplyPlan plan = MultiplyPlan.on(device, key);
                plan.forward(a, a, y);
                plan.backward(a, a, y, da, db);
              },
              List.of(y, da, db));
        });
  }

  private static Operation scale() {
    ScalePlan.Key key = new ScalePlan.Key(IMAGE, TYPE);
    return new Operation(
        "scale [2, 4, 6, 8] BF16",
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = x.emptyLike();
          return new Operation.Ready(() -> ScalePlan.on(device, key).forward(x, 2, y), List.of(y));
        });
  }

  private static Operation maxPool() {
    MaxPool2dPlan.Key key =
        new MaxPool2dPlan.Key(new Pool2dShape(2, 4, 6, 8, 2, 2, 2, 2, 0, 0), TYPE);
    return new Operation(
        "maxpool2d " + key,
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = Tensor.empty(device, TYPE, key.shape().output());
          Tensor indices = Tensor.empty(device, DType.U8, MaxPool2dPlan.on(device, key).indices());
          Tensor dx = x.emptyLike();
          return new Operation.Ready(
              () -> {
                MaxPool2dPlan plan = MaxPool2dPlan.on(device, key);
                plan.forward(x, y, indices);
                plan.backward(y, indices, dx);
              },
              List.of(y, indices, dx));
        });
  }

  private static Operation avgPool() {
    AvgPool2dPlan.Key key =
        new AvgPool2dPlan.Key(new Pool2dShape(2, 4, 6, 8, 2, 2, 2, 2, 0, 0), TYPE, true);
    return new Operation(
        "avgpool2d " + key,
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = Tensor.empty(device, TYPE, key.shape().output());
          Tensor dx = x.emptyLike();
          return new Operation.Ready(
              () -> {
                AvgPool2dPlan plan = AvgPool2dPlan.on(device, key);
                plan.forward(x, y);
                plan.backward(y, dx);
              },
              List.of(y, dx));
        });
  }

  private static Operation upsample() {
    UpsamplePlan.Key key =
        new UpsamplePlan.Key(new UpsampleShape(2, 4, 6, 8, 2, 2), Interpolation.BILINEAR, TYPE);
    return new Operation(
        "upsample " + key,
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = Tensor.empty(device, TYPE, key.shape().output());
          Tensor dx = x.emptyLike();
          return new Operation.Ready(
              () -> {
                UpsamplePlan plan = UpsamplePlan.on(device, key);
                plan.forward(x, y);
                plan.backward(y, dx);
              },
              List.of(y, dx));
        });
  }

  private static Operation concat() {
    ConcatPlan.Key key = new ConcatPlan.Key(new ConcatShape(2, 4, 6, List.of(8, 8)), TYPE);
    return new Operation(
        "concat " + key,
        device -> {
          Tensor a = filled(device, IMAGE);
          Tensor b = filled(device, IMAGE);
          Tensor y = Tensor.empty(device, TYPE, key.shape().output());
          Tensor da = a.emptyLike();
          Tensor db = b.emptyLike();
          return new Operation.Ready(
              () -> {
                ConcatPlan plan = ConcatPlan.on(device, key);
                plan.forward(List.of(a, b), y);
                plan.backward(y, List.of(da, db));
              },
              List.of(y, da, db));
        });
  }
}
