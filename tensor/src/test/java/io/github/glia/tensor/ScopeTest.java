package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private final Device device = Device.named("test:0");

  @AfterEach
  void nothingIsLeft() {
    assertEquals(0, device.memory().liveBytes(), () -> device.memory().report());
    Refused.as(IllegalStateException.class, "no scope is open", Scope::current);
  }

  private Tensor tensor() {
    return Tensor.empty(device, DType.F32, Shape.of(4));
  }

  @Test
  void withoutAScopeThereAreNoTensors() {
    Refused.as(
        IllegalStateException.class,
        "no scope is open on this thread: tensors live in one, try (Scope scope = Scope.open())",
        this::tensor);
  }

  @Test
  void closingFreesWhatWasMade() {
    Tensor first;
    Tensor second;
    try (Scope scope = Scope.open()) {
      first = tensor();
      second = tensor();
      assertFalse(first.isClosed());
      assertEquals(32, device.memory().liveBytes());
    }
    assertTrue(first.isClosed());
    assertTrue(second.isClosed());
  }

  @Test
  void scopesNest() {
    try (Scope outer = Scope.open()) {
      Tensor early = tensor();
      Tensor inside;
      try (Scope inner = Scope.open()) {
        assertSame(inner, Scope.current());
        inside = tensor();
      }
      assertSame(outer, Scope.current());
      assertTrue(inside.isClosed());
      assertFalse(early.isClosed());
    }
  }

  @Test
  void anExceptionClosesToo() {
    Refused.as(
        IllegalStateException.class,
        "on purpose",
        () -> {
          try (Scope outer = Scope.open();
              Scope inner = Scope.open()) {
            tensor();
            throw new IllegalStateException("on purpose");
          }
        });
  }

  @Test
  void keptTensorsLiveInTheScopeAround() {
    try (Scope outer = Scope.open()) {
      Tensor kept;
      try (Scope middle = Scope.open()) {
        try (Scope inner = Scope.open()) {
          kept = tensor();
          assertSame(kept, inner.keep(kept));
        }
        assertFalse(kept.isClosed());
        middle.keep(kept);
      }
      assertFalse(kept.isClosed());
    }
  }

  @Test
  void keepNeverShortensALife() {
    try (Scope home = Scope.detached();
        Scope outer = Scope.open()) {
      Tensor input = tensor();
      Tensor parameter = home.adopt(tensor());
      try (Scope middle = Scope.open()) {
        try (Scope inner = Scope.open()) {
          assertSame(input, inner.keep(input));
          assertSame(parameter, inner.keep(parameter));
        }
      }
      assertFalse(input.isClosed());
      outer.close();
      assertFalse(parameter.isClosed());
    }
  }

  @Test
  void anOuterScopeKeepsWhatAnInnerOneMade() {
    try (Scope outer = Scope.open()) {
      Tensor kept;
      try (Scope middle = Scope.open()) {
        try (Scope inner = Scope.open()) {
          kept = middle.keep(tensor());
        }
      }
      assertFalse(kept.isClosed());
    }
  }

  @Test
  void theOutermostScopeHasNowhereToKeep() {
    String message = "no scope around this one";
    try (Scope scope = Scope.open();
        Scope detached = Scope.detached()) {
      Tensor tensor = tensor();
      Refused.as(IllegalStateException.class, message, () -> scope.keep(tensor));
      Refused.as(IllegalStateException.class, message, () -> detached.keep(tensor));
    }
  }

  @Test
  void detachedScopesOwnWhatTheyAdopt() {
    Scope parameters = Scope.detached();
    Tensor weight;
    Tensor other;
    try (Scope scope = Scope.open()) {
      assertSame(scope, Scope.current(), "a detached scope is never the current one");
      weight = parameters.adopt(tensor());
      assertSame(weight, parameters.adopt(weight), "adopting twice does nothing");
      other = tensor();
    }
    assertFalse(weight.isClosed());
    assertTrue(other.isClosed());
    parameters.close();
    assertTrue(weight.isClosed());
  }

  @Test
  void adoptingTakesFromADetachedScopeToo() {
    Scope detached = Scope.detached();
    try (Scope scope = Scope.open()) {
      Tensor tensor = detached.adopt(tensor());
      scope.adopt(tensor);
      detached.close();
      assertFalse(tensor.isClosed());
    }
  }

  @Test
  void aClosedScopeOrTensorIsNotUsed() {
    try (Scope outer = Scope.open()) {
      Tensor tensor = tensor();
      Scope closed = Scope.open();
      closed.close();
      Refused.as(IllegalStateException.class, "the scope is closed", () -> closed.adopt(tensor));
      Refused.as(IllegalStateException.class, "the scope is closed", () -> closed.keep(tensor));
      assertFalse(tensor.isClosed());
      tensor.close();
      Refused.as(IllegalStateException.class, "after it was closed", () -> outer.adopt(tensor));
      closed.close();
    }
  }

  @Test
  void scopesCloseFromTheInside() {
    Scope outer = Scope.open();
    Tensor tensor = tensor();
    Scope inner = Scope.open();
    Refused.as(
        IllegalStateException.class,
        "a scope that was opened later is still open: close it first",
        outer::close);
    assertFalse(tensor.isClosed(), "a refused close frees nothing");
    assertSame(inner, Scope.current());
    inner.close();
    outer.close();
    outer.close();
    assertTrue(tensor.isClosed());
  }

  @Test
  void aScopeBelongsToItsThread() throws Exception {
    try (Scope scope = Scope.open()) {
      Tensor tensor = tensor();
      String message =
          "a scope is closed by the thread that opened it, " + Thread.currentThread().getName();
      onAnotherThread(() -> Refused.as(IllegalStateException.class, message, scope::close));
      onAnotherThread(
          () -> Refused.as(IllegalStateException.class, "no scope is open", Scope::current));
      assertFalse(tensor.isClosed());
      assertSame(scope, Scope.current());
    }
  }

  @Test
  void tensorsAndDetachedScopesMayBeClosedByAnotherThread() throws Exception {
    Scope detached = Scope.detached();
    try (Scope scope = Scope.open()) {
      Tensor tensor = tensor();
      Tensor adopted = detached.adopt(tensor());
      onAnotherThread(
          () -> {
            tensor.close();
            detached.close();
            return null;
          });
      assertTrue(tensor.isClosed());
      assertTrue(adopted.isClosed());
    }
  }

  @Test
  void severalThreadsMayCloseTheSameTensors() throws Exception {
    int threads = 4;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 200; round++) {
        Scope detached = Scope.detached();
        List<Tensor> tensors = new ArrayList<>();
        try (Scope scope = Scope.open()) {
          for (int i = 0; i < 20; i++) {
            tensors.add(detached.adopt(tensor()));
          }
        }
        CountDownLatch start = new CountDownLatch(threads);
        List<Future<?>> closing = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
          boolean wholeScope = thread == 0;
          closing.add(
              pool.submit(
                  () -> {
                    start.countDown();
                    start.await();
                    if (wholeScope) {
                      detached.close();
                    } else {
                      tensors.forEach(Tensor::close);
                    }
                    return null;
                  }));
        }
        for (Future<?> future : closing) {
          future.get();
        }
        assertEquals(0, device.memory().liveBytes());
      }
    } finally {
      pool.shutdown();
    }
  }

  /** Any sequence of the operations, against a list of lists that says who should be alive. */
  @RepeatedTest(30)
  void anySequence(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<Scope> scopes = new ArrayList<>(List.of(Scope.detached(), Scope.open()));
    List<List<Tensor>> owned = new ArrayList<>(List.of(new ArrayList<>(), new ArrayList<>()));
    for (int i = 0; i < 300; i++) {
      int innermost = scopes.size() - 1;
      int from = random.nextInt(scopes.size());
      List<Tensor> some = owned.get(from);
      switch (random.nextInt(6)) {
        case 0 -> {
          scopes.add(Scope.open());
          owned.add(new ArrayList<>());
        }
        case 1 -> {
          if (innermost > 1) {
            scopes.remove(innermost).close();
            owned.remove(innermost).forEach(tensor -> assertTrue(tensor.isClosed()));
          }
        }
        case 2 -> {
          if (!some.isEmpty()) {
            some.remove(random.nextInt(some.size())).close();
          }
        }
        case 3 -> {
          if (!some.isEmpty()) {
            int to = random.nextInt(scopes.size());
            Tensor moved = some.remove(random.nextInt(some.size()));
            owned.get(to).add(scopes.get(to).adopt(moved));
          }
        }
        default -> owned.get(innermost).add(tensor());
      }
      assertEquals(16L * owned.stream().mapToInt(List::size).sum(), device.memory().liveBytes());
      owned.forEach(list -> list.forEach(tensor -> assertFalse(tensor.isClosed())));
    }
    for (int i = scopes.size() - 1; i >= 0; i--) {
      scopes.get(i).close();
    }
  }

  private static void onAnotherThread(Callable<?> task) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      thread.submit(task).get();
    } finally {
      thread.shutdown();
    }
  }
}
