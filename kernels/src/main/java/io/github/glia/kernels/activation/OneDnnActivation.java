package io.github.glia.kernels.activation;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;

/** Activations by oneDNN. */
final class OneDnnActivation extends OneDnnPlan implements ActivationPlan {
  private final Key key;
  private final memory.desc elements;

  private Primitive forward;
  private Primitive backward;

  OneDnnActivation(CpuBackend cpu, Key key) {
    super(cpu, "activation " + key);
    this.key = key;
    elements = CpuBackend.describe(key.type(), memory.format_tag.x, key.shape().count());
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    check("forward", "x", x);
    check("forward", "y", y);
    synchronized (cpu) {
      prepareForward();
      forward.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_DST, y).run();
      y.changed();
    }
  }

  @Override
  public void backward(Tensor y, Tensor dy, Tensor dx) {
    check("backward", "y", y);
    check("backward", "dy", dy);
    check("backward", "dx", dx);
    synchronized (cpu) {
      prepareBackward();
      backward.bind(DNNL_ARG_DST, y).bind(DNNL_ARG_DIFF_DST, dy).bind(DNNL_ARG_DIFF_SRC, dx).run();
      dx.changed();
    }
  }

  private void prepareForward() {
    if (forward == null) {
      forward =
          primitive("forward", describeForward("forward", forwardAlgorithm()))
              .argument(DNNL_ARG_SRC, elements)
              .argument(DNNL_ARG_DST, elements)
              .build();
    }
  }

  private void prepareBackward() {
    if (backward == null) {
      eltwise_forward.primitive_desc hint = describeForward("backward hint", backwardAlgorithm());
      eltwise_backward.primitive_desc description =
          describe(
              "backward",
              () ->
                  new eltwise_backward.primitive_desc(
                      cpu.engine(),
                      backwardAlgorithm(),
                      elements,
                      elements,
                      elements,
                      key.activation().slope(),
                      0f,
                      hint,
                      cpu.attributes(),
                      false));
      backward =
          primitive("backward", description)
              .argument(DNNL_ARG_DST, elements)
              .argument(DNNL_ARG_DIFF_DST, elements)
              .argument(DNNL_ARG_DIFF_SRC, elements)
              .build();
    }
  }

  private eltwise_forward.primitive_desc describeForward(String use, algorithm function) {
    return describe(
        use,
        () ->
            new eltwise_forward.primitive_desc(
                cpu.engine(),
                prop_kind.forward_training,
                function,
                elements,
                elements,
                key.activation().slope(),
                0f,
                cpu.attributes(),
                false));
  }

  /**
   * oneDNN's ReLU without a slope turns NaN into 0, and so do its maximum and its clip. Its ELU,
   * {@code x > 0 ? x : α · (exp(x) − 1)}, keeps NaN, and with α = 0 it is the ReLU.
   */
  private algorithm forwardAlgorithm() {
    return switch (key.activation().kind()) {
      case RELU -> algorithm.eltwise_elu;
      case LEAKY_RELU -> algorithm.eltwise_relu;
      case SIGMOID -> algorithm.eltwise_logistic;
    };
  }

  private algorithm backwardAlgorithm() {
    return switch (key.activation().kind()) {
      case RELU, LEAKY_RELU -> algorithm.eltwise_relu_use_dst_for_bwd;
      case SIGMOID -> algorithm.eltwise_logistic_use_dst_for_bwd;
    };
  }

  private void check(String direction, String argument, Tensor t) {
    Check.tensor("activation", direction, argument, t, "cpu", key.type(), key.shape());
  }
}
