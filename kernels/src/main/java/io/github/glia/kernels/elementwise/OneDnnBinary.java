package io.github.glia.kernels.elementwise;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;

/** One operation of oneDNN with two operands, over elements in a row. */
abstract class OneDnnBinary extends OneDnnPlan {
  private final String operation;
  private final Shape shape;
  private final DType type;
  private final algorithm function;
  private final memory.desc elements;
  private final memory.desc second;

  private Primitive primitive;

  /**
   * @param second the second operand: as many elements, or a single one for all
   */
  OneDnnBinary(
      CpuBackend cpu,
      String operation,
      Shape shape,
      DType type,
      algorithm function,
      memory.desc second) {
    super(cpu, operation + " " + shape + " " + type);
    this.operation = operation;
    this.shape = shape;
    this.type = type;
    this.function = function;
    this.elements = elements(shape, type);
    this.second = second;
  }

  static memory.desc elements(Shape shape, DType type) {
    return CpuBackend.describe(type, memory.format_tag.x, shape.count());
  }

  /** For callers that hold the lock. */
  final void compute(Tensor a, long b, Tensor y) {
    if (primitive == null) {
      primitive =
          primitive(
                  "forward",
                  describe(
                      "forward",
                      () ->
                          new binary.primitive_desc(
                              cpu.engine(),
                              function,
                              elements,
                              second,
                              elements,
                              cpu.attributes(),
                              false)))
              .argument(DNNL_ARG_SRC_0, elements)
              .argument(DNNL_ARG_SRC_1, second)
              .argument(DNNL_ARG_DST, elements)
              .build();
    }
    primitive.bind(DNNL_ARG_SRC_0, a).bind(DNNL_ARG_SRC_1, b).bind(DNNL_ARG_DST, y).run();
    y.changed();
  }

  final void check(String direction, String argument, Tensor t) {
    Check.tensor(operation, direction, argument, t, "cpu", type, shape);
  }
}
