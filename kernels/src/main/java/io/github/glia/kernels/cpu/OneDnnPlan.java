package io.github.glia.kernels.cpu;

import io.github.glia.kernels.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;

/** A plan of oneDNN primitives, each made at its first use. */
public abstract class OneDnnPlan implements Plan {
  /** The primitives of a plan that does not compute in one of the {@link Lanes}. */
  static final int NO_LANE = -1;

  protected final CpuBackend cpu;
  private final String name;
  private final int lane;
  private final Map<String, Primitive> primitives = new LinkedHashMap<>();
  private final List<Primitive> all = new ArrayList<>();
  private final Map<OneDnnPlan, String> parts = new LinkedHashMap<>();

  /**
   * @param name the operation and its shapes, for errors
   */
  protected OneDnnPlan(CpuBackend cpu, String name) {
    this(cpu, name, NO_LANE);
  }

  /** A plan that is made, and run, in one of the {@link Lanes}. */
  protected OneDnnPlan(CpuBackend cpu, String name, int lane) {
    this.cpu = cpu;
    this.name = name;
    this.lane = lane;
  }

  /** Makes another plan a part of this one: what it chose is told with this, and it is closed. */
  protected final <P extends OneDnnPlan> P part(P part) {
    return part(part, "");
  }

  /** The same of one of several that are alike, told apart by {@code suffix}. */
  protected final <P extends OneDnnPlan> P part(P part, String suffix) {
    parts.put(part, suffix);
    return part;
  }

  /** Asks oneDNN for a description, and says in errors what it was for. */
  protected final <D extends primitive_desc_base> D describe(String use, Supplier<D> description) {
    try {
      return description.get();
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          name + " " + use + " on cpu: oneDNN says: " + e.getMessage(), e);
    }
  }

  /** A primitive of this plan, closed with it. */
  protected final Primitive.Builder primitive(String use, primitive_desc_base description) {
    return primitive(use, "", description);
  }

  /** One of several primitives of one use, which differ in {@code part}. */
  protected final Primitive.Builder primitive(
      String use, String part, primitive_desc_base description) {
    return new Primitive.Builder(
        cpu,
        lane,
        name + " " + use,
        description,
        made -> {
          all.add(made);
          primitives.put(use + part, made);
        });
  }

  /**
   * The same primitive for each of several parts of an operation, or for all of it where there is
   * one part.
   *
   * @param ofAPart makes what {@link #primitive} gives, once for each lane
   */
  protected final SharedPrimitive shared(
      String use, int parts, Supplier<Primitive.Builder> ofAPart) {
    if (parts == 1) {
      return new SharedPrimitive(
          cpu, name + " " + use, parts, new Primitive[] {ofAPart.get().build()});
    }
    Primitive[] ofLanes = new Primitive[cpu.lanes().count()];
    cpu.lanes()
        .prepare(
            () -> {
              for (int i = 0; i < ofLanes.length; i++) {
                ofLanes[i] = ofAPart.get().inLane(i).build();
              }
            });
    return new SharedPrimitive(cpu, name + " " + use, parts, ofLanes);
  }

  /** A copy from one layout or type to another; binds {@code DNNL_ARG_FROM, DNNL_ARG_TO}. */
  protected final Primitive reorder(String use, memory.desc from, memory.desc to) {
    return reorder(use, "", from, to);
  }

  protected final Primitive reorder(String use, String part, memory.desc from, memory.desc to) {
    return primitive(
            use,
            part,
            describe(
                use,
                () ->
                    new reorder.primitive_desc(
                        cpu.engine(), from, cpu.engine(), to, cpu.attributes(), false)))
        .argument(dnnl.DNNL_ARG_FROM, from)
        .argument(dnnl.DNNL_ARG_TO, to)
        .build();
  }

  @Override
  public final Map<String, String> implementations() {
    Map<String, String> chosen = new LinkedHashMap<>();
    primitives.forEach((use, primitive) -> chosen.put(use, primitive.implementation()));
    parts.forEach(
        (part, suffix) ->
            part.implementations().forEach((use, name) -> chosen.put(use + suffix, name)));
    return chosen;
  }

  @Override
  public final void close() {
    all.forEach(Primitive::close);
    all.clear();
    primitives.clear();
    parts.keySet().forEach(OneDnnPlan::close);
  }
}
