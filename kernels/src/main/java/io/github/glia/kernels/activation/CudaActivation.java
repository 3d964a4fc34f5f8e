package io.github.glia.kernels.activation;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.tensor.Tensor;

/** Activations on a GPU: {@code activation.cu}. */
final class CudaActivation extends CudaPlan implements ActivationPlan {
  private final Key key;
  private final Activation.Kind kind;
  private final Kernel forward;
  private final Kernel backward;
  private final String forwardName;
  private final String backwardName;

  CudaActivation(CudaBackend cuda, Key key) {
    super(cuda, "activation " + key);
    this.key = key;
    this.kind = key.activation().kind();
    this.forward = kernel(forwardKernel(kind));
    this.backward = kernel(kind == Activation.Kind.SIGMOID ? "sigmoid_backward" : "relu_backward");
    this.forwardName = name() + " forward";
    this.backwardName = name() + " backward";
    chose("forward", OWN);
    chose("backward", OWN);
  }

  private static String forwardKernel(Activation.Kind kind) {
    return switch (kind) {
      case RELU -> "relu";
      case LEAKY_RELU -> "leaky_relu";
      case SIGMOID -> "sigmoid";
    };
  }

  private Kernel kernel(String function) {
    return cuda.kernel("activation", function + CudaBackend.suffix(key.type()));
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    check("activation forward", "x", x);
    check("activation forward", "y", y);
    synchronized (cuda) {
      long began = begins();
      long from = x.address();
      long to = y.address();
      forward.pointer(from);
      if (kind == Activation.Kind.LEAKY_RELU) {
        forward.real(key.activation().slope());
      }
      launch(forward, to);
      y.changed();
      cuda.ended(forwardName, OWN, began);
    }
  }

  @Override
  public void backward(Tensor y, Tensor dy, Tensor dx) {
    check("activation backward", "y", y);
    check("activation backward", "dy", dy);
    check("activation backward", "dx", dx);
    synchronized (cuda) {
      long began = begins();
      long of = y.address();
      long from = dy.address();
      long to = dx.address();
      backward.pointer(of).pointer(from);
      if (kind != Activation.Kind.SIGMOID) {
        backward.real(key.activation().slope());
      }
      launch(backward, to);
      dx.changed();
      cuda.ended(backwardName, OWN, began);
    }
  }

  private void launch(Kernel withInputs, long output) {
    long count = key.shape().count();
    withInputs.pointer(output).whole(count).launch(cuda.blocks(count), CudaBackend.THREADS);
  }

  private void check(String operation, String argument, Tensor t) {
    Check.tensor(operation, argument, t, cuda.name(), key.type(), key.shape());
  }
}
