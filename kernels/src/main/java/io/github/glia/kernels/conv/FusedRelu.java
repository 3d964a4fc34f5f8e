package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;

/**
 * A ReLU that ends another primitive: a PReLU, {@code y > 0 ? y : slope · y}, whose slope is 0,
 * since oneDNN's own ReLU turns NaN into 0. It is under 1 % slower on the shapes of a U-Net.
 */
final class FusedRelu {
  private static final int ONE_FOR_ALL = 0;

  private FusedRelu() {}

  static void append(post_ops after) {
    after.append_prelu(ONE_FOR_ALL);
  }

  /**
   * The argument that such a primitive needs.
   *
   * @param place how many other operations come between it and the ReLU
   */
  static Primitive.Builder slope(Primitive.Builder builder, int place) {
    int argument = DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (place + 1) | DNNL_ARG_WEIGHTS;
    memory.desc one = CpuBackend.describe(DType.F32, memory.format_tag.abcd, 1, 1, 1, 1);
    return builder.constant(argument, one, one, 0f);
  }
}
