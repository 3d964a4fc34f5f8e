package io.github.glia.benchmarks.gpu;

import io.github.glia.benchmarks.Layers;
import io.github.glia.kernels.Plan;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.convtranspose.ConvTranspose2dPlan;
import io.github.glia.kernels.convtranspose.ConvTranspose2dShape;
import io.github.glia.kernels.cuda.ConvolutionGeometry;
import io.github.glia.kernels.cuda.ConvolutionTrials.Direction;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * A convolution of a network in one direction, as cuDNN computes it.
 *
 * @param name IN{@code x}OUT{@code x}KERNEL{@code @}SIZE; of a transposed one {@code up} IN{@code
 *     x}OUT{@code @}SIZE
 * @param direction what it is to the layer
 * @param product what it is to cuDNN, which computes the forward of a transposed convolution as a
 *     gradient
 * @param flops multiplications and additions of the formula
 * @param plan the plan by which the layer computes
 */
record Convolution(
    String name,
    String direction,
    Direction product,
    ConvolutionGeometry geometry,
    long flops,
    BiFunction<Device, DType, Plan> plan) {

  private static final Map<String, Direction> DIRECTIONS =
      Map.of(
          "forward", Direction.FORWARD,
          "backwardData", Direction.BACKWARD_DATA,
          "backwardWeights", Direction.BACKWARD_WEIGHTS);

  private static final Map<String, Direction> DIRECTIONS_OF_TRANSPOSED =
      Map.of(
          "forward", Direction.BACKWARD_DATA,
          "backwardData", Direction.FORWARD,
          "backwardWeights", Direction.BACKWARD_WEIGHTS);

  private static final int UPSCALING = 2;

  /**
   * Those of the networks, each once.
   *
   * @param size of the images that the networks are given
   */
  static List<Convolution> of(int batch, int size, String... networks) {
    Layers layers = Layers.of(networks);
    List<Convolution> all = new ArrayList<>();
    for (String name : layers.convs) {
      int[] n = Layers.numbers(name);
      int side = n[3] * size / Layers.SIZE;
      all.addAll(ordinary(Conv2dShape.same(batch, side, side, n[0], n[1], n[2])));
    }
    for (String name : layers.ups) {
      int[] n = Layers.numbers(name);
      int side = n[2] * size / Layers.SIZE;
      all.addAll(
          transposed(ConvTranspose2dShape.upscaling(batch, side, side, n[0], n[1], UPSCALING)));
    }
    return all;
  }

  private static List<Convolution> ordinary(Conv2dShape s) {
    String name =
        s.inChannels() + "x" + s.outChannels() + "x" + s.kernelHeight() + "@" + s.height();
    ConvolutionGeometry geometry =
        new ConvolutionGeometry(
            s.input(),
            s.weights(),
            s.output(),
            s.strideHeight(),
            s.strideWidth(),
            s.paddingHeight(),
            s.paddingWidth(),
            s.dilationHeight(),
            s.dilationWidth(),
            s.groups());
    BiFunction<Device, DType, Plan> plan =
        (device, type) ->
            Conv2dPlan.on(device, new Conv2dPlan.Key(s, type, output(s, type), false, false));
    return inAllDirections(name, DIRECTIONS, geometry, s.flops(), plan);
  }

  /** The last layer of a network, the only one of single pixels, gives F32. */
  private static DType output(Conv2dShape shape, DType type) {
    return shape.kernelHeight() == 1 ? DType.F32 : type;
  }

  /**
   * A transposed convolution is the gradient of the one that leads from its output to its input.
   */
  private static List<Convolution> transposed(ConvTranspose2dShape s) {
    String name = "up " + s.inChannels() + "x" + s.outChannels() + "@" + s.height();
    ConvolutionGeometry geometry =
        new ConvolutionGeometry(
            s.output(),
            s.weights(),
            s.input(),
            s.strideHeight(),
            s.strideWidth(),
            s.paddingHeight(),
            s.paddingWidth(),
            1,
            1,
            1);
    BiFunction<Device, DType, Plan> plan =
        (device, type) ->
            ConvTranspose2dPlan.on(device, new ConvTranspose2dPlan.Key(s, type, false));
    return inAllDirections(name, DIRECTIONS_OF_TRANSPOSED, geometry, s.flops(), plan);
  }

  private static List<Convolution> inAllDirections(
      String name,
      Map<String, Direction> directions,
      ConvolutionGeometry geometry,
      long flops,
      BiFunction<Device, DType, Plan> plan) {
    return List.of("forward", "backwardData", "backwardWeights").stream()
        .map(use -> new Convolution(name, use, directions.get(use), geometry, flops, plan))
        .toList();
  }
}
