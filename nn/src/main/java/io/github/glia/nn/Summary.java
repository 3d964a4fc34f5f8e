package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a network is made of: each layer with its output, parameters and arithmetic. */
public final class Summary {
  private final List<Row> rows;
  private final long parameters;

  /**
   * A layer that computed.
   *
   * @param parameters what training changes
   * @param flops multiplications and additions of one forward
   */
  public record Row(String name, Shape output, long parameters, long flops) {}

  private Summary(List<Row> rows, long parameters) {
    this.rows = List.copyOf(rows);
    this.parameters = parameters;
  }

  /** Lets an initialized network predict an empty input of that shape, and takes note. */
  public static Summary of(Layer network, Device device, Shape input) {
    Check.present("summary", "the network", network);
    Check.present("summary", "the device", device);
    Check.present("summary", "the shape of the input", input);
    List<Row> rows = new ArrayList<>();
    Set<Layer> computed = new HashSet<>();
    // A layer is told of after the layers within it. One row for those without, or whose parts are
    // fused into one and do not compute on their own; others only where they have parameters or
    // arithmetic besides those of their parts.
    Tape tape =
        Tape.inference(
            (layer, x, y) -> {
              computed.add(layer);
              boolean whole = layer.children().values().stream().noneMatch(computed::contains);
              long parameters = count(whole ? layer.trained().values() : layer.ownTrained());
              long flops = layer.flops(x);
              if (whole || parameters + flops > 0) {
                rows.add(new Row(layer.name(), y.shape(), parameters, flops));
              }
            });
    try (Scope scope = Scope.open()) {
      network.forward(tape, Tensor.zeros(device, DType.F32, input));
    }
    return new Summary(rows, count(network.trained().values()));
  }

  public List<Row> rows() {
    return rows;
  }

  /** The number of values in {@link Layer#trained}, each once. */
  public long parameters() {
    return parameters;
  }

  /** Multiplications and additions of one forward, of the layers where they count. */
  public long flops() {
    return rows.stream().mapToLong(Row::flops).sum();
  }

  private static long count(Collection<Parameter> parameters) {
    return parameters.stream().mapToLong(p -> p.shape().count()).sum();
  }

  /** A table. */
  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    line(table, "layer", "output", "parameters", "MFLOP");
    for (Row row : rows) {
      line(
          table,
          row.name,
          row.output.toString(),
          String.format(Locale.ROOT, "%,d", row.parameters),
          String.format(Locale.ROOT, "%,.1f", row.flops / 1e6));
    }
    line(
        table,
        "total",
        "",
        String.format(Locale.ROOT, "%,d", parameters()),
        String.format(Locale.ROOT, "%,.1f", flops() / 1e6));
    return table.toString();
  }

  private static void line(StringBuilder table, String a, String b, String c, String d) {
    table.append(String.format("%-36s %-22s %12s %12s%n", a, b, c, d));
  }
}
