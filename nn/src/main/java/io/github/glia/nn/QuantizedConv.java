package io.github.glia.nn;

import io.github.glia.kernels.QuantizedPlan;
import io.github.glia.kernels.quantize.QuantizePlan;
import io.github.glia.nn.Ready.Planned;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;

/** A convolution, transposed or not, that computes in bytes on a tape of a {@link Quantization}. */
final class QuantizedConv {
  private final PackedConv source;
  private final boolean transposed;
  private final DType output;
  private final Ready<Planned<QuantizedPlan>> ready;

  /**
   * @param source what it is quantized of
   * @param transposed whether its weights are {@code [in, …, out]}
   * @param output I8, or F32 for what no convolution reads
   */
  QuantizedConv(
      PackedConv source,
      boolean transposed,
      DType output,
      Ready.Maker<Planned<QuantizedPlan>> maker) {
    this.source = source;
    this.transposed = transposed;
    this.output = output;
    this.ready = new Ready<>(maker);
  }

  boolean isTransposed() {
    return transposed;
  }

  /** Of two images, whose channels follow each other. */
  Tensor forward(Tape tape, Tensor a, Tensor b) {
    Tensor bytesOfA = inBytes(tape, a, DType.I8);
    Tensor bytesOfB = inBytes(tape, b, DType.I8);
    Tensor x = Concat.forward(tape, bytesOfA, bytesOfB);
    Tensor y = forward(tape, x);
    x.close();
    closeCopy(a, bytesOfA);
    closeCopy(b, bytesOfB);
    return y;
  }

  Tensor forward(Tape tape, Tensor image) {
    Quantization.Range range = tape.quantization().range(source);
    Tensor x = inBytes(tape, image, range.inputType());
    Planned<QuantizedPlan> planned = ready.of(x);
    float outputStep = output == DType.I8 ? range.outputStep() : 1;
    Tensor y = Tensor.empty(x.device(), output, planned.output());
    tape.quantization()
        .weights(this)
        .forward(planned.plan(), source, tape.steps(x), outputStep, x, y);
    closeCopy(image, x);
    if (output == DType.I8) {
      float[] ofChannels = new float[planned.output().size(-1)];
      Arrays.fill(ofChannels, outputStep);
      tape.setSteps(y, ofChannels);
    }
    return y;
  }

  private static void closeCopy(Tensor image, Tensor bytes) {
    if (bytes != image) {
      bytes.close();
    }
  }

  /** The image itself, or what floating numbers are in bytes. */
  private Tensor inBytes(Tape tape, Tensor image, DType type) {
    if (!image.dtype().isFloating()) {
      return image;
    }
    float step = tape.quantization().range(source).inputStep(type);
    Tensor bytes = Tensor.empty(image.device(), type, image.shape());
    Tensor one = Tensor.of(image.device(), Shape.of(1), step);
    QuantizePlan.on(image.device(), new QuantizePlan.Key(image.shape(), image.dtype(), type))
        .forward(image, one, bytes);
    one.close();
    float[] ofChannels = new float[image.shape().size(-1)];
    Arrays.fill(ofChannels, step);
    tape.setSteps(bytes, ofChannels);
    return bytes;
  }
}
