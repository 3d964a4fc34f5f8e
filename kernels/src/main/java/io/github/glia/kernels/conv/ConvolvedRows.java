package io.github.glia.kernels.conv;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;

/**
 * Rows of a convolution's output, and the rows of its input that they are made of, in oneDNN's
 * words.
 *
 * @param paddingTop rows above the first that is read, all 0
 * @param paddingBottom rows below the last; less than 0 where rows are left over that no output
 *     needs
 */
record ConvolvedRows(
    Conv2dShape shape,
    int images,
    int firstIn,
    int inRows,
    int firstOut,
    int outRows,
    int paddingTop,
    int paddingBottom) {
  private static final int DIRECT = algorithm.convolution_direct.value;

  /** All rows of all images. */
  static ConvolvedRows all(Conv2dShape s) {
    int below =
        reach(s.outHeight(), s.strideHeight(), s.dilationHeight(), s.kernelHeight())
            - s.height()
            - s.paddingHeight();
    return new ConvolvedRows(
        s, s.batch(), 0, s.height(), 0, s.outHeight(), s.paddingHeight(), below);
  }

  /** All rows of some of the images. */
  ConvolvedRows ofImages(int some) {
    return new ConvolvedRows(
        shape, some, firstIn, inRows, firstOut, outRows, paddingTop, paddingBottom);
  }

  /** Whether each row of the output is made of some row of the input, and not of padding alone. */
  static boolean canBeBands(Conv2dShape s) {
    return s.paddingHeight() < reach(1, s.strideHeight(), s.dilationHeight(), s.kernelHeight());
  }

  /** The rows of one image in bands of so many rows of output; the last may have fewer. */
  static List<ConvolvedRows> bands(Conv2dShape s, int rows) {
    List<ConvolvedRows> bands = new ArrayList<>();
    for (int out = 0; out < s.outHeight(); out += rows) {
      int outRows = Math.min(rows, s.outHeight() - out);
      int begin = out * s.strideHeight() - s.paddingHeight();
      int end = begin + reach(outRows, s.strideHeight(), s.dilationHeight(), s.kernelHeight());
      int first = Math.max(0, begin);
      int last = Math.min(s.height(), end);
      bands.add(
          new ConvolvedRows(s, 1, first, last - first, out, outRows, first - begin, end - last));
    }
    return bands;
  }

  /** How many elements of the padded input so many outputs in a row are made of. */
  private static int reach(int outputs, int stride, int dilation, int kernel) {
    return (outputs - 1) * stride + dilation * (kernel - 1) + 1;
  }

  /** Whether any output is made of any pixel, and not all of padding. */
  boolean readAnyPixel() {
    Conv2dShape s = shape;
    return reads(
            outRows, s.strideHeight(), paddingTop, s.dilationHeight(), s.kernelHeight(), inRows)
        && reads(
            s.outWidth(),
            s.strideWidth(),
            s.paddingWidth(),
            s.dilationWidth(),
            s.kernelWidth(),
            s.width());
  }

  private static boolean reads(
      int outputs, int stride, int padding, int dilation, int kernel, int inputs) {
    for (int output = 0; output < outputs; output++) {
      for (int k = 0; k < kernel; k++) {
        int read = output * stride - padding + k * dilation;
        if (read >= 0 && read < inputs) {
          return true;
        }
      }
    }
    return false;
  }

  /** All that a primitive depends on: the same rows without their place in the image. */
  ConvolvedRows form() {
    return new ConvolvedRows(shape, images, 0, inRows, 0, outRows, paddingTop, paddingBottom);
  }

  memory.desc x(DType type) {
    return CpuBackend.images(type, images, inRows, shape.width(), shape.inChannels());
  }

  memory.desc y(DType type) {
    return CpuBackend.images(type, images, outRows, shape.outWidth(), shape.outChannels());
  }

  /** Bytes from the first image to the rows of an image in x. */
  long placeInX(int image, DType type) {
    return ((long) image * shape.height() + firstIn)
        * shape.width()
        * shape.inChannels()
        * type.bytes();
  }

  /** Bytes from the first image to the rows of an image in y. */
  long placeInY(int image, DType type) {
    return ((long) image * shape.outHeight() + firstOut)
        * shape.outWidth()
        * shape.outChannels()
        * type.bytes();
  }

  /** A bias, or none. */
  static memory.desc bias(Conv2dPlan.Key key) {
    return key.bias()
        ? CpuBackend.describe(DType.F32, memory.format_tag.x, key.shape().outChannels())
        : new memory.desc();
  }

  /** Weights as tensors have them. */
  memory.desc plainWeights() {
    return plainWeights(DType.F32);
  }

  /** The same in another type. */
  memory.desc plainWeights(DType type) {
    return weights(type, shape.groups() == 1 ? memory.format_tag.ohwi : memory.format_tag.gohwi);
  }

  /** Weights of some input channels where they lie among those of all; there are no groups. */
  memory.desc plainWeights(int firstChannel, int channels) {
    Conv2dShape s = shape;
    long[] sizes = {s.outChannels(), channels, s.kernelHeight(), s.kernelWidth()};
    return plainWeights().submemory_desc(sizes, new long[] {0, firstChannel, 0, 0}, false);
  }

  /** Weights in the layout that a primitive likes best. */
  memory.desc anyWeights(DType type) {
    return weights(type, memory.format_tag.any);
  }

  private memory.desc weights(DType type, memory.format_tag layout) {
    Conv2dShape s = shape;
    return s.groups() == 1
        ? CpuBackend.describe(
            type, layout, s.outChannels(), s.inChannels(), s.kernelHeight(), s.kernelWidth())
        : CpuBackend.describe(
            type,
            layout,
            s.groups(),
            s.outChannelsPerGroup(),
            s.inChannelsPerGroup(),
            s.kernelHeight(),
            s.kernelWidth());
  }

  /**
   * Of columns that are not all taken, and with wide kernels, some implementations of oneDNN 3.11
   * in half precision read copies that they have not written: NaN of an earlier operation came out.
   */
  boolean readUnwrittenCopies(DType type) {
    return type != DType.F32 && (shape.strideWidth() > 1 || hasWideKernel());
  }

  /** Wider than what implementations of oneDNN 3.11 are right for. */
  boolean hasWideKernel() {
    return shape.kernelWidth() >= 8;
  }

  convolution_forward.primitive_desc forward(
      CpuBackend cpu, DType input, memory.desc bias, DType output, primitive_attr attributes) {
    return forward(cpu, input, anyWeights(input), bias, output, attributes);
  }

  convolution_forward.primitive_desc forward(
      CpuBackend cpu,
      DType input,
      memory.desc weights,
      memory.desc bias,
      DType output,
      primitive_attr attributes) {
    return SoundConvolution.of(
        this,
        input,
        new convolution_forward.primitive_desc(
            cpu.engine(),
            prop_kind.forward_training.value,
            DIRECT,
            x(input),
            weights,
            bias,
            y(output),
            strides(),
            dilations(),
            paddingBefore(),
            paddingAfter(),
            attributes,
            false));
  }

  convolution_backward_data.primitive_desc backwardData(CpuBackend cpu, DType type) {
    return new convolution_backward_data.primitive_desc(
        cpu.engine(),
        DIRECT,
        x(type),
        anyWeights(type),
        y(type),
        strides(),
        dilations(),
        paddingBefore(),
        paddingAfter(),
        hint(cpu, type),
        cpu.attributes(),
        false);
  }

  convolution_backward_weights.primitive_desc backwardWeights(
      CpuBackend cpu, DType type, memory.desc weights, memory.desc bias) {
    return new convolution_backward_weights.primitive_desc(
        cpu.engine(),
        DIRECT,
        x(type),
        weights,
        bias,
        y(type),
        strides(),
        dilations(),
        paddingBefore(),
        paddingAfter(),
        hint(cpu, type),
        cpu.attributes(),
        false);
  }

  /** oneDNN chooses the backward implementations by the forward one, without what is fused. */
  private convolution_forward.primitive_desc hint(CpuBackend cpu, DType type) {
    return forward(cpu, type, new memory.desc(), type, cpu.attributes());
  }

  private long[] strides() {
    return new long[] {shape.strideHeight(), shape.strideWidth()};
  }

  /** oneDNN counts what lies between two elements of the kernel. */
  private long[] dilations() {
    return new long[] {shape.dilationHeight() - 1, shape.dilationWidth() - 1};
  }

  private long[] paddingBefore() {
    return new long[] {paddingTop, shape.paddingWidth()};
  }

  private long[] paddingAfter() {
    Conv2dShape s = shape;
    int right =
        reach(s.outWidth(), s.strideWidth(), s.dilationWidth(), s.kernelWidth())
            - s.width()
            - s.paddingWidth();
    return new long[] {paddingBottom, right};
  }
}
