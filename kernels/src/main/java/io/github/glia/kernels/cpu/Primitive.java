package io.github.glia.kernels.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_set_data_handle;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.github.glia.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
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
 */
public final class Primitive {
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

  private Primitive(
      CpuBackend cpu,
      int lane,
      String operation,
      primitive_desc_base description,
      Map<Integer, memory.desc> arguments,
      Map<Integer, memory> constants,
      boolean wantsZeros) {
    this.cpu = cpu;
    this.lane = lane;
    this.wantsZeros = wantsZeros;
    this.operation = operation;
    this.implementation = description.impl_info_str().getString();
    this.owner = new primitive(description.get());
    this.handle = owner.get();
    this.scratchpadBytes = description.scratchpad_desc().get_size();
    int n = arguments.size() + 1 + constants.size();
    this.arguments = new int[n];
    this.memories = new memory[n];
    this.handles = new dnnl_memory[n];
    this.bound = new long[n];
    this.prepared = new dnnl_exec_arg_t(n);
    arguments.put(DNNL_ARG_SCRATCHPAD, description.scratchpad_desc());
    int i = 0;
    for (Map.Entry<Integer, memory.desc> argument : arguments.entrySet()) {
      memory bound = new memory(argument.getValue(), cpu.engine(), (Pointer) null);
      prepare(i++, argument.getKey(), bound);
    }
    for (Map.Entry<Integer, memory> constant : constants.entrySet()) {
      prepare(i++, constant.getKey(), constant.getValue());
    }
  }

  private void prepare(int i, int argument, memory value) {
    arguments[i] = argument;
    memories[i] = value;
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
    return lane != OneDnnPlan.NO_LANE;
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
    private int lane;

    Builder(
        CpuBackend cpu,
        int lane,
        String operation,
        primitive_desc_base description,
        Consumer<Primitive> whenMade) {
      this.cpu = cpu;
      this.lane = lane;
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
      new reorder(source, constant).execute(cpu.copies(), source, constant);
      source.deallocate();
      constants.put(argument, constant);
      return this;
    }

    Builder inLane(int number) {
      lane = number;
      return this;
    }

    /** For a primitive that reads its scratchpad before it writes there. */
    public Builder zeroScratchpad() {
      wantsZeros = true;
      return this;
    }

    public Primitive build() {
      Primitive made =
          new Primitive(cpu, lane, operation, description, arguments, constants, wantsZeros);
      whenMade.accept(made);
      return made;
    }
  }
}
