package io.github.glia.tensor;

/**
 * The lifetime of the tensors that were made in it.
 *
 * <pre>{@code
 * try (Scope step = Scope.open()) {
 *   Tensor y = net.forward(x);
 *   return step.keep(y);   // y lives on in the scope around this one
 * }                        // everything else is freed here
 * }</pre>
 *
 * <p>An open scope belongs to the thread that opened it, and scopes of a thread nest. A {@link
 * #detached} scope is not on that stack: a network keeps its parameters in one until it is closed.
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<Scope> INNERMOST = new ThreadLocal<>();

  private final Scope parent;
  private final Thread thread;
  private Tensor newest;
  private boolean closed;

  private Scope(Scope parent, Thread thread) {
    this.parent = parent;
    this.thread = thread;
  }

  /** Opens a scope within the innermost one of this thread. */
  public static Scope open() {
    Scope scope = new Scope(INNERMOST.get(), Thread.currentThread());
    INNERMOST.set(scope);
    return scope;
  }

  /** A scope that owns what it is given with {@link #adopt}, and nothing else. */
  public static Scope detached() {
    return new Scope(null, null);
  }

  /**
   * The innermost open scope of this thread.
   *
   * @throws IllegalStateException if there is none
   */
  public static Scope current() {
    Scope scope = INNERMOST.get();
    if (scope == null) {
      throw new IllegalStateException(
          "no scope is open on this thread: tensors live in one,"
              + " try (Scope scope = Scope.open()) { … }");
    }
    return scope;
  }

  /**
   * Makes a tensor outlive this scope, and returns it: one that was made in this scope, or in one
   * within, moves to the scope around this one; any other stays where it is.
   */
  public Tensor keep(Tensor tensor) {
    requireOpen();
    tensor.requireOpen();
    if (parent == null) {
      throw new IllegalStateException("there is no scope around this one to keep a tensor in");
    }
    return tensor.owner.isWithin(this) ? parent.adopt(tensor) : tensor;
  }

  /** Moves a tensor from the scope that owns it to this one, and returns it. */
  public Tensor adopt(Tensor tensor) {
    requireOpen();
    synchronized (tensor) {
      tensor.requireOpen();
      if (tensor.owner != this) {
        tensor.owner.remove(tensor);
        add(tensor);
      }
    }
    return tensor;
  }

  /** Frees what was made in this scope and not kept, the newest first. */
  @Override
  public void close() {
    if (isClosed()) {
      return;
    }
    if (thread != null) {
      leave();
    }
    for (Tensor last = lastTensor(); last != null; last = lastTensor()) {
      last.close();
    }
  }

  private void leave() {
    if (INNERMOST.get() != this) {
      throw new IllegalStateException(
          thread == Thread.currentThread()
              ? "a scope that was opened later is still open: close it first"
              : "a scope is closed by the thread that opened it, " + thread.getName());
    }
    if (parent == null) {
      INNERMOST.remove();
    } else {
      INNERMOST.set(parent);
    }
  }

  private boolean isWithin(Scope other) {
    return this == other || (parent != null && parent.isWithin(other));
  }

  /** Closes the list of tensors, and returns the newest that is still in it. */
  private synchronized Tensor lastTensor() {
    closed = true;
    return newest;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  synchronized void add(Tensor tensor) {
    requireOpen();
    tensor.owner = this;
    tensor.newer = null;
    tensor.older = newest;
    if (newest != null) {
      newest.newer = tensor;
    }
    newest = tensor;
  }

  synchronized void remove(Tensor tensor) {
    if (tensor.newer == null) {
      newest = tensor.older;
    } else {
      tensor.newer.older = tensor.older;
    }
    if (tensor.older != null) {
      tensor.older.newer = tensor.newer;
    }
    tensor.older = null;
    tensor.newer = null;
  }

  private void requireOpen() {
    if (isClosed()) {
      throw new IllegalStateException("the scope is closed");
    }
  }
}
