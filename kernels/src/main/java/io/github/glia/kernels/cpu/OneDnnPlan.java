package io.github.glia.kernels.cpu;

import io.github.glia.kernels.Plan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.PointerScope;

/** A plan of oneDNN primitives, each made at its first use. */
public abstract class OneDnnPlan implements Plan {
  protected final CpuBackend cpu;
  private final String name;
  private final Map<String, Primitive> primitives = new LinkedHashMap<>();
  private final List<Primitive> all = new ArrayList<>();
  private final Map<OneDnnPlan, String> parts = new LinkedHashMap<>();

  /**
   * @param name the operation and its shapes, for errors
   */
  protected OneDnnPlan(CpuBackend cpu, String name) {
    this.cpu = cpu;
    this.name = name;
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
        name + " " + use,
        description,
        made -> {
          all.add(made);
          primitives.put(use + part, made);
        });
  }

  /**
   * Makes primitives, and frees what described them: oneDNN keeps copies, and a description takes
   * up to 256 KiB of which Java's collector sees a few bytes. So none of those may be kept.
   */
  protected static <T> T make(Supplier<T> primitives) {
    PointerScope descriptions = new PointerScope();
    try {
      return primitives.get();
    } finally {
      descriptions.close();
    }
  }

  /**
   * The same primitive for each of several parts of an operation, or for all of it where there is
   * one part.
   *
   * @param ofAPart makes what {@link #primitive} gives
   */
  protected final SharedPrimitive shared(
      String use, int parts, Supplier<Primitive.Builder> ofAPart) {
    return shared(use, Collections.nCopies(parts, use), (like, suffix) -> ofAPart.get());
  }

  /**
   * The same for parts that differ.
   *
   * @param parts equal where they are to have the same primitive
   * @param ofAPart makes what {@link #primitive} gives of a part and a suffix that tells apart the
   *     primitives of this use
   */
  protected final <P> SharedPrimitive shared(
      String use, List<P> parts, BiFunction<P, String, Primitive.Builder> ofAPart) {
    Map<P, LanePrimitive> made = new LinkedHashMap<>();
    List<LanePrimitive> ofParts = new ArrayList<>();
    for (P part : parts) {
      String suffix = made.isEmpty() ? "" : " " + made.size();
      ofParts.add(
          made.computeIfAbsent(part, p -> forLanes(parts.size(), () -> ofAPart.apply(p, suffix))));
    }
    return new SharedPrimitive(cpu, name + " " + use, made.values(), ofParts);
  }

  /** What computes one of several parts in a lane, or the only part by all threads of oneDNN. */
  protected final LanePrimitive forLanes(int parts, Supplier<Primitive.Builder> ofAPart) {
    return make(
        () ->
            parts == 1
                ? new LanePrimitive(ofAPart.get().build())
                : asForParts(parts, () -> ofAPart.get().buildForLanes()));
  }

  /** Asks oneDNN with as many threads as each of so many parts will have. */
  protected final <T> T asForParts(int parts, Supplier<T> question) {
    return parts == 1 ? question.get() : cpu.lanes().make(question);
  }

  /** A copy from one layout or type to another; binds {@code DNNL_ARG_FROM, DNNL_ARG_TO}. */
  protected final Primitive reorder(String use, memory.desc from, memory.desc to) {
    return copying(use, "", from, to).build();
  }

  /** The same for lanes. */
  protected final LanePrimitive reorderForLanes(
      String use, String part, memory.desc from, memory.desc to) {
    return copying(use, part, from, to).buildForLanes();
  }

  /** The same, to be built for one or for all. */
  protected final Primitive.Builder copying(
      String use, String part, memory.desc from, memory.desc to) {
    return primitive(
            use,
            part,
            describe(
                use,
                () ->
                    new reorder.primitive_desc(
                        cpu.engine(), from, cpu.engine(), to, cpu.attributes(), false)))
        .argument(dnnl.DNNL_ARG_FROM, from)
        .argument(dnnl.DNNL_ARG_TO, to);
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
