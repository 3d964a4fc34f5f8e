package io.github.glia.kernels.concat;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MULTIPLE_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.Tensor;
import java.util.List;
import org.bytedeco.dnnl.concat;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory_desc_vector;

/**
 * Concatenation by oneDNN. Its {@code concat} copies wide rows at the speed of memory, but narrow
 * ones up to eight times slower than one reorder for each input, which also serves to split.
 */
final class OneDnnConcat extends OneDnnPlan implements ConcatPlan {
  /** Bytes of a row, which is the channels of one place, from which on concat is faster. */
  private static final int WIDE = 64;

  private final ConcatArguments arguments;
  private final boolean wide;
  private final memory.desc joined;
  private final memory.desc[] apart;
  private final memory.desc[] within;
  private final Primitive[] joins;
  private final Primitive[] splits;
  private Primitive wideJoin;

  OneDnnConcat(CpuBackend cpu, Key key) {
    super(cpu, "concat " + key);
    this.arguments = new ConcatArguments(key, cpu.name());
    ConcatShape s = key.shape();
    joined = CpuBackend.images(key.type(), s.batch(), s.height(), s.width(), s.output().size(-1));
    wide = s.channels().stream().allMatch(c -> (long) c * key.type().bytes() >= WIDE);
    apart = new memory.desc[s.inputs()];
    within = new memory.desc[s.inputs()];
    joins = new Primitive[s.inputs()];
    splits = new Primitive[s.inputs()];
    long offset = 0;
    for (int m = 0; m < s.inputs(); m++) {
      int channels = s.channels().get(m);
      long[] sizes = {s.batch(), channels, s.height(), s.width()};
      long[] offsets = {0, offset, 0, 0};
      apart[m] = CpuBackend.images(key.type(), s.batch(), s.height(), s.width(), channels);
      within[m] = joined.submemory_desc(sizes, offsets, false);
      offset += channels;
    }
  }

  @Override
  public void forward(List<Tensor> xs, Tensor y) {
    arguments.forward(xs, y);
    synchronized (cpu) {
      if (wide) {
        joinAtOnce(xs, y);
      } else {
        joinOneByOne(xs, y);
      }
      y.changed();
    }
  }

  @Override
  public void backward(Tensor dy, List<Tensor> dxs) {
    arguments.backward(dy, dxs);
    synchronized (cpu) {
      for (int m = 0; m < dxs.size(); m++) {
        Tensor dx = dxs.get(m);
        if (dx != null) {
          if (splits[m] == null) {
            splits[m] = reorder("split " + m, within[m], apart[m]);
          }
          splits[m].bind(DNNL_ARG_FROM, dy).bind(DNNL_ARG_TO, dx).run();
          dx.changed();
        }
      }
    }
  }

  private void joinAtOnce(List<Tensor> xs, Tensor y) {
    if (wideJoin == null) {
      Primitive.Builder builder =
          primitive(
              "join",
              describe(
                  "join",
                  () ->
                      new concat.primitive_desc(
                          cpu.engine(),
                          joined,
                          1,
                          new memory_desc_vector(apart),
                          cpu.attributes(),
                          false)));
      for (int m = 0; m < apart.length; m++) {
        builder.argument(DNNL_ARG_MULTIPLE_SRC + m, apart[m]);
      }
      wideJoin = builder.argument(DNNL_ARG_DST, joined).build();
    }
    for (int m = 0; m < xs.size(); m++) {
      wideJoin.bind(DNNL_ARG_MULTIPLE_SRC + m, xs.get(m));
    }
    wideJoin.bind(DNNL_ARG_DST, y).run();
  }

  private void joinOneByOne(List<Tensor> xs, Tensor y) {
    for (int m = 0; m < xs.size(); m++) {
      if (joins[m] == null) {
        joins[m] = reorder("join " + m, apart[m], within[m]);
      }
      joins[m].bind(DNNL_ARG_FROM, xs.get(m)).bind(DNNL_ARG_TO, y).run();
    }
  }
}
