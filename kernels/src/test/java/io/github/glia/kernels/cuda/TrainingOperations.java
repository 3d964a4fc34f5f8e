package io.github.glia.kernels.cuda;

import static io.github.glia.kernels.cuda.Operation.TYPE;
import static io.github.glia.kernels.cuda.Operation.filled;

import io.github.glia.kernels.activation.Activation;
import io.github.glia.kernels.activation.ActivationPlan;
import io.github.glia.kernels.batchnorm.BatchNormPlan;
import io.github.glia.kernels.batchnorm.BatchNormShape;
import io.github.glia.kernels.cast.CastPlan;
import io.github.glia.kernels.dropout.DropoutPlan;
import io.github.glia.kernels.globalavgpool.GlobalAvgPoolPlan;
import io.github.glia.kernels.globalavgpool.GlobalAvgPoolShape;
import io.github.glia.kernels.groupnorm.GroupNormPlan;
import io.github.glia.kernels.groupnorm.GroupNormShape;
import io.github.glia.kernels.loss.BceDice;
import io.github.glia.kernels.loss.CrossEntropy;
import io.github.glia.kernels.loss.Loss;
import io.github.glia.kernels.loss.LossPlan;
import io.github.glia.kernels.reduce.ReducePlan;
import io.github.glia.kernels.reduce.Reduction;
import io.github.glia.kernels.softmax.SoftmaxPlan;
import io.github.glia.kernels.update.Adam;
import io.github.glia.kernels.update.AdamPlan;
import io.github.glia.kernels.update.AveragePlan;
import io.github.glia.kernels.update.NormPlan;
import io.github.glia.kernels.update.Sgd;
import io.github.glia.kernels.update.SgdPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** Norms, losses, updates and what else is computed by kernels of our own in several launches. */
final class TrainingOperations {
  private static final Shape IMAGE = Shape.of(2, 4, 6, 8);
  private static final Shape CHANNELS = Shape.of(8);

  private TrainingOperations() {}

  static List<Operation> all() {
    return List.of(
        cast(),
        activation(),
        softmax(),
        dropout(),
        batchNorm(),
        groupNorm(),
        reduce(),
        globalAvgPool(),
        loss(new BceDice(1), IMAGE),
        loss(new CrossEntropy(), IMAGE.with(-1, 1)),
        adam(),
        sgd(),
        average(),
        norm());
  }

  private static Operation cast() {
    CastPlan.Key key = new CastPlan.Key(IMAGE, TYPE, DType.F32);
    return new Operation(
        "cast " + key,
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = Tensor.empty(device, DType.F32, IMAGE);
          return new Operation.Ready(() -> CastPlan.on(device, key).forward(x, y), List.of(y));
        });
  }

  private static Operation activation() {
    ActivationPlan.Key key = new ActivationPlan.Key(IMAGE, TYPE, Activation.SIGMOID);
    return new Operation(
        "activation " + key,
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = x.emptyLike();
          Tensor dx = x.emptyLike();
          return new Operation.Ready(
              () -> {
                ActivationPlan plan = ActivationPlan.on(device, key);
                plan.forward(x, y);
                plan.backward(y, y, dx);
              },
              List.of(y, dx));
        });
  }

  private static Operation softmax() {
    SoftmaxPlan.Key key = new SoftmaxPlan.Key(IMAGE, TYPE);
    return new Operation(
        "softmax " + key,
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = x.emptyLike();
          Tensor dx = x.emptyLike();
          return new Operation.Ready(
              () -> {
                SoftmaxPlan plan = SoftmaxPlan.on(device, key);
                plan.forward(x, y);
                plan.backward(y, y, dx);
              },
              List.of(y, dx));
        });
  }

  private static Operation dropout() {
    DropoutPlan.Key key = new DropoutPlan.Key(IMAGE, TYPE, 0.5f);
    return new Operation(
        "dropout " + key,
        "[2, 4, 6, 8]", // its backward is a product, whose plan names itself
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = x.emptyLike();
          Tensor mask = x.emptyLike();
          Tensor dx = x.emptyLike();
          return new Operation.Ready(
              () -> {
                DropoutPlan plan = DropoutPlan.on(device, key);
                plan.forward(x, 1, 2, y, mask);
                plan.backward(y, mask, dx);
              },
              List.of(y, mask, dx));
        });
  }

  private static Operation batchNorm() {
    BatchNormPlan.Key key =
        new BatchNormPlan.Key(new BatchNormShape(2, 4, 6, 8), TYPE, 1e-5f, true);
    return new Operation(
        "batchnorm " + key,
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = x.emptyLike();
          Tensor dx = x.emptyLike();
          Tensor gamma = filled(device, DType.F32, CHANNELS);
          Tensor mean = gamma.emptyLike();
          Tensor variance = gamma.emptyLike();
          Tensor dgamma = gamma.emptyLike();
          Tensor dbeta = gamma.emptyLike();
          Tensor mask = Tensor.empty(device, DType.U8, BatchNormPlan.on(device, key).mask());
          return new Operation.Ready(
              () -> {
                BatchNormPlan plan = BatchNormPlan.on(device, key);
                plan.forwardTraining(x, gamma, gamma, y, mean, variance, mask);
                plan.backwardTraining(x, y, gamma, mean, variance, mask, dx, dgamma, dbeta);
                plan.updateRunning(mean, variance, 1, mean, variance);
                plan.forwardInference(x, gamma, gamma, mean, variance, y, mask);
                plan.backwardInference(x, y, gamma, mean, variance, mask, dx, dgamma, dbeta);
              },
              List.of(y, dx, mean, variance, dgamma, dbeta));
        });
  }

  private static Operation groupNorm() {
    GroupNormPlan.Key key = new GroupNormPlan.Key(new GroupNormShape(2, 4, 6, 8, 4), TYPE, 1e-5f);
    return new Operation(
        "groupnorm " + key,
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = x.emptyLike();
          Tensor dx = x.emptyLike();
          Tensor gamma = filled(device, DType.F32, CHANNELS);
          Tensor mean = Tensor.empty(device, DType.F32, key.shape().statistics());
          Tensor variance = mean.emptyLike();
          Tensor dgamma = gamma.emptyLike();
          Tensor dbeta = gamma.emptyLike();
          return new Operation.Ready(
              () -> {
                GroupNormPlan plan = GroupNormPlan.on(device, key);
                plan.forward(x, gamma, gamma, y, mean, variance);
                plan.backward(x, y, gamma, mean, variance, dx, dgamma, dbeta);
              },
              List.of(y, dx, mean, variance, dgamma, dbeta));
        });
  }

  private static Operation reduce() {
    ReducePlan.Key key = new ReducePlan.Key(IMAGE, TYPE, Reduction.MEAN);
    return new Operation(
        "reduce " + key,
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = Tensor.empty(device, DType.F32, Shape.of(1));
          Tensor dx = x.emptyLike();
          return new Operation.Ready(
              () -> {
                ReducePlan plan = ReducePlan.on(device, key);
                plan.forward(x, y);
                plan.backward(y, dx);
              },
              List.of(y, dx));
        });
  }

  private static Operation globalAvgPool() {
    GlobalAvgPoolPlan.Key key = new GlobalAvgPoolPlan.Key(new GlobalAvgPoolShape(2, 4, 6, 8), TYPE);
    return new Operation(
        "globalavgpool " + key,
        device -> {
          Tensor x = filled(device, IMAGE);
          Tensor y = Tensor.empty(device, TYPE, key.shape().output());
          Tensor dx = x.emptyLike();
          return new Operation.Ready(
              () -> {
                GlobalAvgPoolPlan plan = GlobalAvgPoolPlan.on(device, key);
                plan.forward(x, y);
                plan.backward(y, dx);
              },
              List.of(y, dx));
        });
  }

  private static Operation loss(Loss loss, Shape truth) {
    LossPlan.Key key = new LossPlan.Key(IMAGE, DType.U8, loss);
    return new Operation(
        "loss " + key,
        device -> {
          Tensor x = filled(device, DType.F32, IMAGE);
          Tensor t = Tensor.zeros(device, DType.U8, truth);
          Tensor value = Tensor.empty(device, DType.F32, Shape.of(1));
          Tensor dLoss = Tensor.of(device, Shape.of(1), 1);
          Tensor dx = x.emptyLike();
          return new Operation.Ready(
              () -> {
                LossPlan plan = LossPlan.on(device, key);
                plan.forward(x, t, value);
                plan.backward(x, t, dLoss, dx);
              },
              List.of(value, dx));
        });
  }

  private static Operation adam() {
    AdamPlan.Key key = new AdamPlan.Key(new Adam(0.9, 0.999, 1e-8, 0), false);
    return new Operation(
        "adam of 1 tensor, 384 elements",
        device -> {
          Tensor start = filled(device, DType.F32, IMAGE);
          Tensor w = start.emptyLike();
          Tensor m = start.emptyLike();
          Tensor v = start.emptyLike();
          return new Operation.Ready(
              () -> {
                AdamPlan.on(device, key)
                    .step(List.of(w), List.of(start), List.of(m), List.of(v), 0.1f, 1, 1);
              },
              List.of(w, m, v));
        });
  }

  private static Operation sgd() {
    SgdPlan.Key key = new SgdPlan.Key(new Sgd(0.9, false, 0));
    return new Operation(
        "sgd of 1 tensor, 384 elements",
        device -> {
          Tensor start = filled(device, DType.F32, IMAGE);
          Tensor w = start.emptyLike();
          Tensor velocity = start.emptyLike();
          return new Operation.Ready(
              () -> {
                SgdPlan.on(device, key)
                    .step(List.of(w), List.of(start), List.of(velocity), 0.1f, 1, true);
              },
              List.of(w, velocity));
        });
  }

  private static Operation average() {
    return new Operation(
        "average of 1 tensor, 384 elements",
        device -> {
          Tensor start = filled(device, DType.F32, IMAGE);
          Tensor average = start.emptyLike();
          return new Operation.Ready(
              () -> {
                AveragePlan.on(device, new AveragePlan.Key())
                    .step(List.of(average), List.of(start), 0.5f);
              },
              List.of(average));
        });
  }

  private static Operation norm() {
    return new Operation(
        "norm of 1 tensor, 384 elements",
        device -> {
          Tensor g = filled(device, DType.F32, IMAGE);
          return new Operation.Ready(
              () -> NormPlan.on(device, new NormPlan.Key()).norm(List.of(g)), List.of());
        });
  }
}
