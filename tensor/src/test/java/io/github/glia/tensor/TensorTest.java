package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
  /** More than one chunk of a conversion, and not a whole number of them. */
  private static final int SEVERAL_CHUNKS = (1 << 17) + 3;

  private final Device device = Device.named("test:0");
  private final Device other = Device.named("test:1");
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void nothingIsLeft() {
    scope.close();
    for (Device each : Device.all()) {
      assertEquals(0, each.memory().liveBytes(), () -> each.memory().report());
      each.releaseCaches();
    }
  }

  private Tensor counting(int... sizes) {
    Shape shape = Shape.of(sizes);
    float[] values = new float[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return Tensor.of(device, shape, values);
  }

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
  void arrays() {
    Tensor tensor = Tensor.of(device, Shape.of(2, 2), 1, -2.5f, Float.NaN, Float.MIN_VALUE);
    assertArrayEquals(new float[] {1, -2.5f, Float.NaN, Float.MIN_VALUE}, tensor.toFloats());
    tensor.copyFrom(new float[] {4, 3, 2, 1});
    assertArrayEquals(new float[] {4, 3, 2, 1}, tensor.toFloats());
  }

  @Test
  void arraysOfAnotherLengthAreRefused() {
    Tensor tensor = counting(2, 2);
    String message = "F32[2, 2] on test:0 has 4 elements, but 3 values came";
    Refused.with(message, () -> tensor.copyFrom(new float[3]));
    Refused.with(message, () -> tensor.copyFrom(FloatBuffer.allocate(3)));
    Refused.with("1 elements, but 0 values", () -> Tensor.of(device, Shape.of(1)));
    Refused.with("but 5 values came", () -> Tensor.of(device, DType.U8, Shape.of(4), new float[5]));
    assertArrayEquals(new float[] {0, 1, 2, 3}, tensor.toFloats());
  }

  @Test
  void floatBuffersFromTheirPosition() {
    Tensor tensor = Tensor.empty(device, DType.F32, Shape.of(3));
    for (FloatBuffer values :
        List.of(
            FloatBuffer.allocate(5),
            ByteBuffer.allocateDirect(20).order(ByteOrder.BIG_ENDIAN).asFloatBuffer(),
            ByteBuffer.allocateDirect(20).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer())) {
      values.put(new float[] {9, 1, 2, 3, 9}).position(1).limit(4);
      tensor.copyFrom(values);
      assertEquals(4, values.position());
      assertArrayEquals(new float[] {1, 2, 3}, tensor.toFloats());

      values.clear().position(2);
      tensor.copyTo(values);
      assertEquals(5, values.position());
      values.clear();
      assertEquals(FloatBuffer.wrap(new float[] {9, 1, 1, 2, 3}), values);
    }
  }

  @Test
  void aFloatBufferNeedsRoomAndKeepsTheRest() {
    Tensor tensor = counting(3);
    Refused.with(
        "F32[3] on test:0 has 3 elements, but there is room for 2",
        () -> tensor.copyTo(FloatBuffer.allocate(2)));
    FloatBuffer roomy = FloatBuffer.allocate(5);
    tensor.copyTo(roomy);
    assertEquals(3, roomy.position());
    assertArrayEquals(new float[] {0, 1, 2, 0, 0}, roomy.array());
  }

  @Test
  void bytesAreInNativeOrder() {
    Tensor tensor = Tensor.of(device, Shape.of(2), 1, -2);
    byte[] expected =
        ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putFloat(1).putFloat(-2).array();
    assertArrayEquals(expected, tensor.toBytes());
    Tensor copy = tensor.emptyLike();
    copy.copyFromBytes(expected);
    assertArrayEquals(new float[] {1, -2}, copy.toFloats());
  }

  @Test
  void byteBuffersFromTheirPosition() {
    Tensor tensor = Tensor.empty(device, DType.U8, Shape.of(3));
    for (ByteBuffer bytes : List.of(ByteBuffer.allocate(6), ByteBuffer.allocateDirect(6))) {
      bytes.put(new byte[] {9, 1, 2, 3, 9, 9}).position(1).limit(4);
      tensor.copyFromBytes(bytes);
      assertEquals(4, bytes.position());
      assertArrayEquals(new byte[] {1, 2, 3}, tensor.toBytes());

      bytes.clear().position(2);
      tensor.copyToBytes(bytes);
      assertEquals(5, bytes.position());
      assertEquals(6, bytes.limit());
      bytes.clear();
      assertEquals(ByteBuffer.wrap(new byte[] {9, 1, 1, 2, 3, 9}), bytes);
    }
  }

  @Test
  void bytesOfAnotherLengthAreRefused() {
    Tensor tensor = counting(2);
    Refused.with(
        "F32[2] on test:0 holds 8 bytes, but 7 came", () -> tensor.copyFromBytes(new byte[7]));
    Refused.with("but 9 came", () -> tensor.copyFromBytes(ByteBuffer.allocate(9)));
    Refused.with(
        "holds 8 bytes, but there is room for 7", () -> tensor.copyToBytes(ByteBuffer.allocate(7)));
  }

  @Test
  void valuesAreRoundedToTheType() {
    float[] values = {0, -0f, 1.001f, 255.5f, -3, 1e6f, Float.POSITIVE_INFINITY, Float.NaN};
    Tensor bf16 = Tensor.of(device, DType.BF16, Shape.of(8), values);
    Tensor f16 = Tensor.of(device, DType.F16, Shape.of(8), values);
    Tensor u8 = Tensor.of(device, DType.U8, Shape.of(8), values);
    float infinity = Float.POSITIVE_INFINITY;
    assertArrayEquals(
        new float[] {0, -0f, 1, 256, -3, 999424, infinity, Float.NaN}, bf16.toFloats());
    assertArrayEquals(
        new float[] {0, -0f, 1 + 0x1p-10f, 255.5f, -3, infinity, infinity, Float.NaN},
        f16.toFloats());
    assertArrayEquals(new float[] {0, 0, 1, 255, 0, 255, 255, 0}, u8.toFloats());
  }

  @Test
  void bytesAreRoundedToNearestTiesToEven() {
    Tensor u8 = Tensor.of(device, DType.U8, Shape.of(6), 0.5f, 1.5f, 2.5f, 127.49f, 254.5f, -0.5f);
    assertArrayEquals(new float[] {0, 2, 2, 127, 254, 0}, u8.toFloats());
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    Tensor bytes = Tensor.empty(device, DType.U8, Shape.of(256));
    bytes.copyFromBytes(all);
    assertArrayEquals(counting(256).toFloats(), bytes.toFloats());
  }

  @ParameterizedTest
  @EnumSource
  void conversionsOfSeveralChunks(DType type) {
    float[] values = new float[SEVERAL_CHUNKS];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 251;
    }
    assertArrayEquals(values, Tensor.of(device, type, Shape.of(SEVERAL_CHUNKS), values).toFloats());
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
  void item() {
    assertEquals(2.5f, Tensor.of(device, Shape.of(1, 1), 2.5f).item());
    assertEquals(200, Tensor.of(device, DType.U8, Shape.of(1), 200).item());
    Tensor two = counting(2);
    Refused.as(IllegalStateException.class, "F32[2] on test:0 has 2 elements, not one", two::item);
  }

  @Test
  void copiesOnADevice() {
    Tensor source = counting(2, 3);
    Tensor target = Tensor.zeros(device, DType.F32, Shape.of(2, 3));
    target.copyFrom(source);
    assertArrayEquals(source.toFloats(), target.toFloats());
    target.slice(0, 1).copyFrom(source.slice(1, 2));
    assertArrayEquals(new float[] {3, 4, 5, 3, 4, 5}, target.toFloats());
    target.slice(1, 2).copyFrom(target.slice(0, 1));
    assertArrayEquals(new float[] {3, 4, 5, 3, 4, 5}, target.toFloats());
  }

  @ParameterizedTest
  @EnumSource
  void copiesBetweenDevices(DType type) {
    Random random = new Random(1);
    byte[] bytes = new byte[SEVERAL_CHUNKS * type.bytes()];
    random.nextBytes(bytes);
    Tensor source = Tensor.empty(device, type, Shape.of(SEVERAL_CHUNKS));
    source.copyFromBytes(bytes);
    Tensor target = Tensor.empty(other, type, Shape.of(SEVERAL_CHUNKS));
    target.copyFrom(source);
    assertArrayEquals(bytes, target.toBytes());
  }

  @Test
  void copiesBetweenDevicesThatAreLargerThanTheBufferBetween() {
    int bytes = (64 << 20) + 5;
    Tensor source = Tensor.zeros(device, DType.U8, Shape.of(bytes));
    source.slice(bytes - 6, bytes).copyFromBytes(new byte[] {1, 2, 3, 4, 5, 6});
    Tensor target = Tensor.empty(other, DType.U8, Shape.of(bytes));
    target.copyFrom(source);
    assertArrayEquals(new byte[] {0, 0}, target.slice(bytes - 8, bytes - 6).toBytes());
    assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6}, target.slice(bytes - 6, bytes).toBytes());
  }

  @Test
  void copiesOfAnotherShapeOrTypeAreRefused() {
    Tensor tensor = counting(2, 3);
    Refused.with(
        "copy F32[3, 2] on test:0 to F32[2, 3] on test:0: they differ",
        () -> tensor.copyFrom(tensor.reshape(Shape.of(3, 2))));
    Refused.with(
        "they differ", () -> tensor.copyFrom(Tensor.empty(device, DType.BF16, tensor.shape())));
  }

  @Test
  void copiesWithinItselfAreRefused() {
    Tensor tensor = counting(4);
    Refused.with("they overlap", () -> tensor.copyFrom(tensor));
    Refused.with("they overlap", () -> tensor.slice(1, 4).copyFrom(tensor.slice(0, 3)));
    Refused.with("they overlap", () -> tensor.slice(0, 3).copyFrom(tensor.slice(1, 4)));
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
