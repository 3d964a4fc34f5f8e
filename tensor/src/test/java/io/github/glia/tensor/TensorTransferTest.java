package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Numbers in, out, and from one tensor to another. */
class TensorTransferTest extends TensorFixture {
  /** More than one chunk of a conversion, and not a whole number of them. */
  private static final int SEVERAL_CHUNKS = (1 << 17) + 3;

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
    Tensor i8 = Tensor.of(device, DType.I8, Shape.of(8), values);
    assertArrayEquals(new float[] {0, 0, 1, 127, -3, 127, 127, 0}, i8.toFloats());
  }

  @Test
  void bytesAreRoundedToNearestTiesToEven() {
    Tensor u8 = Tensor.of(device, DType.U8, Shape.of(6), 0.5f, 1.5f, 2.5f, 127.49f, 254.5f, -0.5f);
    assertArrayEquals(new float[] {0, 2, 2, 127, 254, 0}, u8.toFloats());
    Tensor i8 = Tensor.of(device, DType.I8, Shape.of(5), 0.5f, -1.5f, 126.5f, -128.4f, -1000);
    assertArrayEquals(new float[] {0, -2, 126, -128, -128}, i8.toFloats());
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
      values[i] = i % 127;
    }
    assertArrayEquals(values, Tensor.of(device, type, Shape.of(SEVERAL_CHUNKS), values).toFloats());
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
}
