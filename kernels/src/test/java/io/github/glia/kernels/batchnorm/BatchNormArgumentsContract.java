package io.github.glia.kernels.batchnorm;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a plan refuses, and how it says so. */
final class BatchNormArgumentsContract extends KernelContract {
  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          BatchNormShape s = new BatchNormShape(2, 4, 4, 3);
          BatchNormPlan plan =
              BatchNormPlan.on(c.device(), new BatchNormPlan.Key(s, c.type(), 1e-5f, true));
          BatchNormPlan plain =
              BatchNormPlan.on(c.device(), new BatchNormPlan.Key(s, c.type(), 1e-5f, false));
          Tensor x = c.output(s.image());
          Tensor y = c.output(s.image());
          Tensor p = c.output(s.parameters());
          Tensor mask = Tensor.empty(c.device(), DType.U8, plan.mask());
          refused("x is null", () -> plan.forwardTraining(null, p, p, y, p, p, mask));
          refused(
              "gamma must have the shape [3]", () -> plan.forwardTraining(x, x, p, y, p, p, mask));
          refused("beta is null", () -> plan.forwardTraining(x, p, null, y, p, p, mask));
          refused("mean is null", () -> plan.forwardTraining(x, p, p, y, null, p, mask));
          refused("mask is null", () -> plan.forwardTraining(x, p, p, y, p, p, null));
          refused("mask must", () -> plan.forwardTraining(x, p, p, y, p, p, x));
          refused("has no ReLU", () -> plain.forwardTraining(x, p, p, y, p, p, mask));
          refused("has no ReLU", plain::mask);
          refused(
              "y must be F32",
              () -> plan.forwardInference(x, p, p, p, p, c.output(DType.U8, s.image()), null));
          refused("mask must", () -> plan.forwardInference(x, p, p, p, p, y, x));
          refused("dy is null", () -> plan.backwardTraining(x, null, p, p, p, mask, x, p, p));
          refused("mask is null", () -> plan.backwardTraining(x, y, p, p, p, null, x, p, p));
          refused("dx is null", () -> plan.backwardInference(x, y, p, p, p, mask, null, p, p));
          refused("dgamma is null", () -> plan.backwardInference(x, y, p, p, p, mask, x, null, p));
          refused("dbeta must have", () -> plan.backwardInference(x, y, p, p, p, mask, x, p, x));
          refused("momentum must be from 0 to 1", () -> plan.updateRunning(p, p, 1.5f, p, p));
          refused("momentum must be", () -> plan.updateRunning(p, p, Float.NaN, p, p));
          refused("runningMean is null", () -> plan.updateRunning(p, p, 0.1f, null, p));
          y.close();
          assertThrows(
              IllegalStateException.class, () -> plan.forwardTraining(x, p, p, y, p, p, mask));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesToTrainOnOneValueAChannel() {
    return onEveryDevice(
        1,
        c -> {
          BatchNormShape s = new BatchNormShape(1, 1, 1, 4);
          BatchNormPlan plan =
              BatchNormPlan.on(c.device(), new BatchNormPlan.Key(s, c.type(), 1e-5f, false));
          Tensor x = c.output(s.image());
          Tensor p = c.output(s.parameters());
          String message = "training needs more than one value a channel, but x is [1, 1, 1, 4]";
          refused(message, () -> plan.forwardTraining(x, p, p, x, p, p, null));
          refused(message, () -> plan.backwardTraining(x, x, p, p, p, null, x, p, p));
          refused(message, () -> plan.updateRunning(p, p, 0.1f, p, p));
        });
  }

  @Test
  void refusesImpossibleShapes() {
    refused("batch must be at least 1", () -> new BatchNormShape(0, 1, 1, 1));
    refused("height must be at least 1", () -> new BatchNormShape(1, 0, 1, 1));
    refused("width must be at least 1", () -> new BatchNormShape(1, 1, -1, 1));
    refused("channels must be at least 1", () -> new BatchNormShape(1, 1, 1, 0));
    BatchNormShape s = new BatchNormShape(1, 2, 2, 1);
    refused(
        "epsilon must be a positive number", () -> new BatchNormPlan.Key(s, DType.F32, 0, false));
    refused(
        "epsilon must be a positive number",
        () -> new BatchNormPlan.Key(s, DType.F32, Float.NaN, false));
  }
}
