package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** What a tensor is, and how long it and its views live. */
class TensorTest extends TensorFixture {
  @Test
  void saysWhatItIs() {
    Tensor tensor = Tensor.empty(device, DType.BF16, Shape.of(2, 3));
    assertEquals(Shape.of(2, 3), tensor.shape());
    assertEquals(DType.BF16, tensor.dtype());
    assertSame(device, tensor.device());
    assertEquals(6, tensor.count());
    assertEquals(12, tensor.bytes());
    assertEquals("BF16[2, 3] on test:0", tensor.toString());
    tensor.close();
    assertEquals("BF16[2, 3] on test:0 (closed)", tensor.toString());
    assertEquals(12, tensor.bytes(), "what it was can be asked after");
  }

  @Test
  void emptyLikeIsAnotherOfTheSame() {
    Tensor tensor = Tensor.empty(other, DType.U8, Shape.of(2, 3));
    Tensor like = tensor.emptyLike();
    assertEquals(tensor.toString(), like.toString());
    assertNotEquals(tensor.address(), like.address());
  }

  @Test
  void addressesAreAligned() {
    for (int bytes : new int[] {1, 63, 64, 65, 1000}) {
      assertEquals(0, Tensor.empty(device, DType.U8, Shape.of(bytes)).address() % 64);
    }
  }

  @Test
  void refusesNull() {
    Shape shape = Shape.of(1);
    assertThrows(NullPointerException.class, () -> Tensor.empty(null, DType.F32, shape));
    assertThrows(NullPointerException.class, () -> Tensor.empty(device, null, shape));
    assertThrows(NullPointerException.class, () -> Tensor.empty(device, DType.F32, null));
    assertEquals(0, device.memory().liveBytes());
  }

  @Test
  void refusesSizesWhoseBytesOverflow() {
    Shape shape = Shape.of(1 << 30, 1 << 30, 4);
    Refused.with(
        "a tensor [1073741824, 1073741824, 4] of F32: the number of bytes overflows",
        () -> Tensor.empty(device, DType.F32, shape));
    Refused.with("overflows", () -> Tensor.empty(device, DType.F16, shape));
    assertThrows(OutOfDeviceMemoryException.class, () -> Tensor.empty(device, DType.U8, shape));
    assertEquals(0, device.memory().liveBytes());
  }

  @Test
  void afterOutOfMemoryASmallerTensorWorks() {
    TestDriver driver = (TestDriver) device.driver();
    driver.limit(1 << 20);
    try {
      Refused.as(
          OutOfDeviceMemoryException.class,
          String.format("%,d bytes were asked for", 4 << 20),
          () -> Tensor.empty(device, DType.F32, Shape.of(1 << 20)));
      assertEquals(7, Tensor.of(device, Shape.of(1), 7).item());
    } finally {
      driver.limit(Long.MAX_VALUE);
    }
  }

  @Test
  void zeros() {
    for (DType type : DType.values()) {
      Tensor.empty(device, type, Shape.of(100)).close();
      assertArrayEquals(new float[100], Tensor.zeros(device, type, Shape.of(100)).toFloats());
    }
  }

  @Test
  void zeroTouchesNothingButItsOwn() {
    Tensor tensor = counting(4, 2);
    tensor.slice(1, 3).zero();
    assertArrayEquals(new float[] {0, 1, 0, 0, 0, 0, 6, 7}, tensor.toFloats());
  }

  @Test
  void slicesShareTheElements() {
    Tensor tensor = counting(4, 3);
    Tensor slice = tensor.slice(1, 3);
    assertEquals(Shape.of(2, 3), slice.shape());
    assertEquals(tensor.address() + 12, slice.address());
    assertArrayEquals(new float[] {3, 4, 5, 6, 7, 8}, slice.toFloats());
    slice.slice(1, 2).copyFrom(new float[] {-6, -7, -8});
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5, -6, -7, -8, 9, 10, 11}, tensor.toFloats());
    tensor.zero();
    assertArrayEquals(new float[6], slice.toFloats());
    assertEquals(48, device.memory().liveBytes(), "views take no memory");
  }

  @Test
  void slicesBeyondTheTensorAreRefused() {
    Tensor tensor = counting(4, 3);
    String expected = " of F32[4, 3] on test:0: expected 0 <= from < to <= 4";
    Refused.with("slice -1 to 2" + expected, () -> tensor.slice(-1, 2));
    Refused.with("slice 3 to 5" + expected, () -> tensor.slice(3, 5));
    Refused.with("slice 2 to 2" + expected, () -> tensor.slice(2, 2));
    Refused.with("slice 3 to 2" + expected, () -> tensor.slice(3, 2));
  }

  @Test
  void reshapeSharesTheElements() {
    Tensor tensor = counting(2, 6);
    Tensor reshaped = tensor.reshape(Shape.of(3, 4));
    assertArrayEquals(tensor.toFloats(), reshaped.toFloats());
    reshaped.slice(2, 3).zero();
    assertArrayEquals(new float[] {6, 7, 0, 0, 0, 0}, tensor.slice(1, 2).toFloats());
    Refused.with(
        "reshape F32[2, 6] on test:0 to [5]: 12 elements do not make 5",
        () -> tensor.reshape(Shape.of(5)));
  }

  @Test
  void viewsOutliveTheTensor() {
    Tensor tensor = counting(4);
    Tensor slice = tensor.slice(2, 4);
    Tensor reshaped = slice.reshape(Shape.of(2, 1));
    tensor.close();
    assertFalse(slice.isClosed());
    slice.close();
    assertEquals(16, device.memory().liveBytes());
    assertArrayEquals(new float[] {2, 3}, reshaped.toFloats());
    reshaped.close();
    assertEquals(0, device.memory().liveBytes());
  }

  @Test
  void viewsBelongToTheScopeTheyWereMadeIn() {
    Tensor tensor = counting(4);
    Tensor view;
    try (Scope inner = Scope.open()) {
      view = tensor.slice(0, 1);
      Tensor born = counting(2);
      inner.keep(born.slice(1, 2));
    }
    assertTrue(view.isClosed());
    assertFalse(tensor.isClosed());
    assertEquals(16 + 8, device.memory().liveBytes(), "the kept view holds what it shows");
  }

  @Test
  void closedUseSaysWhichLineMadeIt() {
    Tensor tensor = makeATensor();
    Tensor view = tensor.slice(0, 1);
    tensor.close();
    view.close();
    Tensor open = counting(2);
    List<Consumer<Tensor>> uses =
        List.of(
            Tensor::address,
            Tensor::version,
            Tensor::changed,
            Tensor::zero,
            Tensor::toFloats,
            Tensor::toBytes,
            t -> t.slice(0, 1),
            t -> t.reshape(t.shape()),
            t -> t.copyFrom(new float[(int) t.count()]),
            t -> t.copyFromBytes(new byte[(int) t.bytes()]),
            t -> t.copyTo(FloatBuffer.allocate(2)),
            t -> t.copyToBytes(ByteBuffer.allocate(8)),
            t -> t.copyFrom(open.slice(0, t.shape().size(0))),
            t -> open.slice(0, t.shape().size(0)).copyFrom(t),
            scope::adopt);
    for (Tensor closed : List.of(tensor, view)) {
      for (Consumer<Tensor> use : uses) {
        IllegalStateException e =
            Refused.as(
                IllegalStateException.class,
                " on test:0 (closed) was used after it was closed; it was made by ",
                () -> use.accept(closed));
        assertTrue(
            e.getMessage().contains("TensorTest.makeATensor(TensorTest.java:"), e.getMessage());
      }
    }
    assertArrayEquals(new float[] {0, 1}, open.toFloats());
  }

  private Tensor makeATensor() {
    return Tensor.zeros(device, DType.F32, Shape.of(2));
  }

  @Test
  void closingTwiceDoesNothing() {
    Tensor tensor = counting(4);
    Tensor view = tensor.slice(0, 1);
    tensor.close();
    tensor.close();
    assertTrue(tensor.isClosed());
    assertEquals(0, view.item(), "a second close does not take the view's share");
  }

  @Test
  void everyWriteIsAnotherVersion() {
    Tensor tensor = counting(4);
    Tensor view = tensor.slice(0, 2);
    List<Runnable> writes =
        List.of(
            tensor::zero,
            view::zero,
            tensor::changed,
            () -> tensor.copyFrom(new float[4]),
            () -> view.copyFrom(FloatBuffer.allocate(2)),
            () -> tensor.copyFromBytes(new byte[16]),
            () -> view.copyFrom(tensor.slice(2, 4)));
    for (Runnable write : writes) {
      long before = tensor.version();
      write.run();
      assertTrue(tensor.version() > before);
      assertEquals(tensor.version(), view.version());
    }
    long before = tensor.version();
    tensor.toFloats();
    tensor.toBytes();
    assertEquals(before, tensor.version());
  }

  @Test
  void noTwoTensorsShareAVersion() {
    Tensor first = counting(4);
    long address = first.address();
    long version = first.version();
    first.close();
    Tensor second = counting(4);
    assertEquals(address, second.address());
    assertNotEquals(version, second.version());
  }

  /** Any views of views, against an array that holds what the tensor should. */
  @RepeatedTest(30)
  void anyViews(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    Tensor whole = counting(2 + random.nextInt(8), 1 + random.nextInt(5), 1 + random.nextInt(5));
    float[] expected = whole.toFloats();
    Tensor view = whole;
    int from = 0;
    for (int depth = 0; depth < 5; depth++) {
      if (random.nextBoolean()) {
        view = view.reshape(Shape.of((int) view.count(), 1));
      }
      int first = random.nextInt(view.shape().size(0));
      int last = first + 1 + random.nextInt(view.shape().size(0) - first);
      from += first * (int) (view.count() / view.shape().size(0));
      view = view.slice(first, last);
      float[] fresh = new float[(int) view.count()];
      for (int i = 0; i < fresh.length; i++) {
        fresh[i] = random.nextFloat();
        expected[from + i] = fresh[i];
      }
      view.copyFrom(fresh);
      assertArrayEquals(expected, whole.toFloats());
    }
  }
}
