package io.github.glia.kernels.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_set_data_handle;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.github.glia.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A oneDNN primitive with its arguments prepared, so that a call sets addresses and runs:
 *
 * <pre>{@code
 * conv.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_WEIGHTS, w).bind(DNNL_ARG_DST, y).run();
 * }</pre>
 *
 * Callers hold the lock of the {@link CpuBackend}, or compute for one who does in one of the {@link
 * Lanes}.
 *
 * <p>What it retains of oneDNN outlives the scope that it is made in, {@link OneDnnPlan#make}.
 */
public final class Primitive {
  /** Of what all threads of oneDNN compute. */
  private static final int NO_LANE = -1;

  /** What several lanes can run, each with arguments of its own. */
  private record Made(primitive owner, String implementation, memory.desc scratchpad) {
    static Made of(primitive_desc_base description) {
      return new Made(
          new primitive(description.get()).retainReference(),
          description.impl_info_str().getString(),
          description.scratchpad_desc());
    }
  }

  private final CpuBackend cpu;
  private final int lane;
  private final String operation;
  private final String implementation;
  private final primitive owner;
  private final dnnl_primitive handle;
  private final long scratchpadBytes;
  private final boolean wantsZeros;
  private final int[] arguments;
  private final memory[] memories;
  private final dnnl_memory[] handles;
  private final long[] bound;
  private final dnnl_exec_arg_t prepared;
  private final Location location = new Location();
  private boolean closed;

  private Primitive(Builder builder, Made made, int lane) {
    cpu = builder.cpu;
    this.lane = lane;
    wantsZeros = builder.wantsZeros;
    operation = builder.operation;
    implementation = made.implementation;
    owner = made.owner;
    handle = owner.get();
    scratchpadBytes = made.scratchpad.get_size();
    int n = builder.arguments.size() + 1 + builder.constants.size();
    arguments = new int[n];
    memories = new memory[n];
    handles = new dnnl_memory[n];
    bound = new long[n];
    prepared = new dnnl_exec_arg_t(n).retainReference();
    int i = 0;
    for (Map.Entry<Integer, memory.desc> argument : builder.arguments.entrySet()) {
      prepare(i++, argument.getKey(), unbound(argument.getValue()));
    }
    prepare(i++, DNNL_ARG_SCRATCHPAD, unbound(made.scratchpad));
    for (Map.Entry<Integer, memory> constant : builder.constants.entrySet()) {
      prepare(i++, constant.getKey(), constant.getValue());
    }
  }

  private memory unbound(memory.desc layout) {
    return new memory(layout, cpu.engine(), (Pointer) null);
  }

  private void prepare(int i, int argument, memory value) {
    arguments[i] = argument;
    memories[i] = value.retainReference();
    handles[i] = value.get();
    prepared.getPointer(i).arg(argument).memory(handles[i]);
  }

  /** Sets an argument to read. */
  public Primitive bind(int argument, Tensor tensor) {
    return bind(argument, tensor.address());
  }

  /** Sets an argument to an address. */
  public Primitive bind(int argument, long address) {
    if (closed) {
      throw new IllegalStateException(
          operation
              + " was released by releaseCaches(): call that between steps, when all plans of the"
              + " one before have done their work");
    }
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] == argument) {
        if (bound[i] != address) { // steady steps have the same addresses
          check(dnnl_memory_set_data_handle(handles[i], location.at(address)));
          bound[i] = address;
        }
        return this;
      }
    }
    throw new IllegalArgumentException(operation + " has no argument " + argument);
  }

  public void run() {
    if (scratchpadBytes > 0) {
      long scratchpad = scratchpad();
      bind(DNNL_ARG_SCRATCHPAD, scratchpad);
      if (wantsZeros) {
        cpu.zero(scratchpad, scratchpadBytes);
      }
    }
    long began = inLane() ? 0 : cpu.kernelBegins();
    check(dnnl_primitive_execute(handle, cpu.stream(), arguments.length, prepared));
    cpu.kernelEnded(operation, implementation, began);
  }

  /** Then the operation as a whole is what an observer is told of. */
  private boolean inLane() {
    return lane != NO_LANE;
  }

  private long scratchpad() {
    return inLane()
        ? cpu.lanes().scratchpad(lane, scratchpadBytes)
        : cpu.scratchpad(scratchpadBytes);
  }

  /** The name of the implementation that oneDNN chose. */
  public String implementation() {
    return implementation;
  }

  void close() {
    closed = true;
    prepared.deallocate();
    for (memory argument : memories) {
      argument.deallocate();
    }
    owner.deallocate();
  }

  private void check(int status) {
    if (status != dnnl_success) {
      throw new IllegalStateException(operation + " on cpu: oneDNN failed with status " + status);
    }
  }

  /** Collects the arguments that a call will bind. */
  public static final class Builder {
    private final CpuBackend cpu;
    private final String operation;
    private final primitive_desc_base description;
    private final Consumer<Primitive> whenMade;
    private final Map<Integer, memory.desc> arguments = new LinkedHashMap<>();
    private final Map<Integer, memory> constants = new LinkedHashMap<>();
    private boolean wantsZeros;

    Builder(
        CpuBackend cpu,
        String operation,
        primitive_desc_base description,
        Consumer<Primitive> whenMade) {
      this.cpu = cpu;
      this.operation = operation;
      this.description = description;
      this.whenMade = whenMade;
    }

    public Builder argument(int argument, memory.desc layout) {
      arguments.put(argument, layout);
      return this;
    }

    /**
     * An argument that calls do not bind, since it is the same for each.
     *
     * @param values F32 values in the layout {@code plain}, which are copied
     */
    public Builder constant(int argument, memory.desc layout, memory.desc plain, float... values) {
      memory source = new memory(plain, cpu.engine());
      memory constant = new memory(layout, cpu.engine());
      new FloatPointer(source.get_data_handle()).put(values);
      reorder copy = new reorder(source, constant);
      copy.execute(cpu.copies(), source, constant);
      copy.deallocate();
      source.deallocate();
      constants.put(argument, constant);
      return this;
    }

    /** For a primitive that reads its scratchpad before it writes there. */
    public Builder zeroScratchpad() {
      wantsZeros = true;
      return this;
    }

    public Primitive build() {
      return build(Made.of(description), NO_LANE);
    }

    /** To be called where {@link Lanes#make} makes plans. */
    public LanePrimitive buildForLanes() {
      Made made = Made.of(description);
      return new LanePrimitive(
          IntStream.range(0, cpu.lanes().count())
              .mapToObj(lane -> build(made, lane))
              .toArray(Primitive[]::new));
    }

    private Primitive build(Made made, int lane) {
      Primitive built = new Primitive(this, made, lane);
      whenMade.accept(built);
      return built;
    }
  }
}
