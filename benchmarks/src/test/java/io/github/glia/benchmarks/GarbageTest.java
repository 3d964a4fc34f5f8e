package io.github.glia.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.QuantizedPlan;
import io.github.glia.kernels.activation.Activation;
import io.github.glia.kernels.activation.ActivationPlan;
import io.github.glia.kernels.batchnorm.BatchNormPlan;
import io.github.glia.kernels.batchnorm.BatchNormShape;
import io.github.glia.kernels.cast.CastPlan;
import io.github.glia.kernels.concat.ConcatPlan;
import io.github.glia.kernels.concat.ConcatShape;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.conv.JoinedConv2dPlan;
import io.github.glia.kernels.conv.JoinedConv2dShape;
import io.github.glia.kernels.conv.QuantizedConv2dPlan;
import io.github.glia.kernels.convtranspose.ConvTranspose2dPlan;
import io.github.glia.kernels.convtranspose.ConvTranspose2dShape;
import io.github.glia.kernels.convtranspose.QuantizedConvTranspose2dPlan;
import io.github.glia.kernels.dropout.DropoutPlan;
import io.github.glia.kernels.elementwise.AddPlan;
import io.github.glia.kernels.elementwise.MultiplyPlan;
import io.github.glia.kernels.elementwise.ScalePlan;
import io.github.glia.kernels.globalavgpool.GlobalAvgPoolPlan;
import io.github.glia.kernels.globalavgpool.GlobalAvgPoolShape;
import io.github.glia.kernels.groupnorm.GroupNormPlan;
import io.github.glia.kernels.groupnorm.GroupNormShape;
import io.github.glia.kernels.linear.LinearPlan;
import io.github.glia.kernels.linear.LinearShape;
import io.github.glia.kernels.loss.Bce;
import io.github.glia.kernels.loss.BceDice;
import io.github.glia.kernels.loss.CrossEntropy;
import io.github.glia.kernels.loss.Focal;
import io.github.glia.kernels.loss.Loss;
import io.github.glia.kernels.loss.LossPlan;
import io.github.glia.kernels.pool.AvgPool2dPlan;
import io.github.glia.kernels.pool.MaxPool2dPlan;
import io.github.glia.kernels.pool.Pool2dShape;
import io.github.glia.kernels.quantize.QuantizePlan;
import io.github.glia.kernels.reduce.ReducePlan;
import io.github.glia.kernels.reduce.Reduction;
import io.github.glia.kernels.softmax.SoftmaxPlan;
import io.github.glia.kernels.update.Adam;
import io.github.glia.kernels.update.AdamPlan;
import io.github.glia.kernels.update.AveragePlan;
import io.github.glia.kernels.update.NormPlan;
import io.github.glia.kernels.update.Sgd;
import io.github.glia.kernels.update.SgdPlan;
import io.github.glia.kernels.upsample.Interpolation;
import io.github.glia.kernels.upsample.UpsamplePlan;
import io.github.glia.kernels.upsample.UpsampleShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.speed.HeapBytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a call of a plan allocates on the Java heap on the CPU, when it was called before: nothing.
 */
final class GarbageTest {
  private static final int BATCH = 2;
  private static final int SIZE = 64;
  private static final int CHANNELS = 16;
  private static final Shape IMAGE = Shape.of(BATCH, SIZE, SIZE, CHANNELS);
  private static final Shape ONE = Shape.of(1);

  private final Device cpu = Device.cpu();
  private final Map<String, Runnable> calls = new LinkedHashMap<>();

  static Stream<DType> types() {
    return Stream.of(DType.F32, DType.BF16, DType.F16).filter(Device.cpu()::computes);
  }

  @AfterEach
  void nothingIsLeft() {
    assertEquals(0, cpu.memory().liveBytes(), () -> cpu.memory().report());
  }

  @ParameterizedTest
  @MethodSource("types")
  void noCallAllocates(DType type) {
    try (Scope scope = Scope.open()) {
      elements(type);
      images(type);
      norms(type);
      products(type);
      convolution(type, "direct", Conv2dShape.same(BATCH, SIZE, SIZE, CHANNELS, CHANNELS, 3));
      convolution(type, "in bands", Conv2dShape.same(1, 4 * SIZE, 4 * SIZE, CHANNELS, 64, 3));
      convolution(type, "Winograd's", Conv2dShape.same(BATCH, 34, 33, 256, 256, 3));
      joinedConvolution(type);
      losses();
      updates();
      if (cpu.computes(DType.I8)) {
        bytes(type);
      }
      List<String> allocating = new ArrayList<>();
      calls.forEach(
          (name, call) -> {
            call.run();
            call.run();
            long bytes = HeapBytes.ofCall(call);
            if (bytes > 0) {
              allocating.add(name + ": " + bytes + " bytes");
            }
          });
      assertTrue(allocating.isEmpty(), allocating::toString);
    }
  }

  private void elements(DType type) {
    Tensor a = zeros(type, IMAGE);
    Tensor b = zeros(type, IMAGE);
    Tensor c = zeros(type, IMAGE);
    Tensor da = zeros(type, IMAGE);
    Tensor db = zeros(type, IMAGE);
    AddPlan add = AddPlan.on(cpu, new AddPlan.Key(IMAGE, type));
    calls.put("add", () -> add.forward(a, b, c));
    MultiplyPlan multiply = MultiplyPlan.on(cpu, new MultiplyPlan.Key(IMAGE, type));
    calls.put("multiply", () -> multiply.forward(a, b, c));
    calls.put("multiply backward", () -> multiply.backward(a, b, c, da, db));
    ScalePlan scale = ScalePlan.on(cpu, new ScalePlan.Key(IMAGE, type));
    calls.put("scale", () -> scale.forward(a, 2, b));
    for (Activation function : List.of(Activation.RELU, Activation.SIGMOID)) {
      ActivationPlan plan = ActivationPlan.on(cpu, new ActivationPlan.Key(IMAGE, type, function));
      calls.put(function + "", () -> plan.forward(a, b));
      calls.put(function + " backward", () -> plan.backward(a, b, c));
    }
    DropoutPlan dropout = DropoutPlan.on(cpu, new DropoutPlan.Key(IMAGE, type, 0.5f));
    calls.put("dropout", () -> dropout.forward(a, 1, 2, b, c));
    calls.put("dropout backward", () -> dropout.backward(a, b, c));
    SoftmaxPlan softmax = SoftmaxPlan.on(cpu, new SoftmaxPlan.Key(IMAGE, type));
    calls.put("softmax", () -> softmax.forward(a, b));
    calls.put("softmax backward", () -> softmax.backward(a, b, c));
    ReducePlan reduce = ReducePlan.on(cpu, new ReducePlan.Key(IMAGE, type, Reduction.MEAN));
    Tensor one = zeros(DType.F32, ONE);
    calls.put("reduce", () -> reduce.forward(a, one));
    calls.put("reduce backward", () -> reduce.backward(one, a));
    for (DType from : new DType[] {DType.F32, DType.U8}) {
      Tensor x = zeros(from, IMAGE);
      CastPlan cast = CastPlan.on(cpu, new CastPlan.Key(IMAGE, from, DType.F16));
      CastPlan other = CastPlan.on(cpu, new CastPlan.Key(IMAGE, from, DType.BF16));
      Tensor f16 = zeros(DType.F16, IMAGE);
      Tensor bf16 = zeros(DType.BF16, IMAGE);
      calls.put("cast to F16 from " + from, () -> cast.forward(x, f16));
      calls.put("cast to BF16 from " + from, () -> other.forward(x, bf16));
    }
  }

  private void convolution(DType type, String name, Conv2dShape s) {
    Conv2dPlan plan = Conv2dPlan.on(cpu, new Conv2dPlan.Key(s, type, type, true, true));
    Tensor x = zeros(type, s.input());
    Tensor w = zeros(DType.F32, s.weights());
    Tensor b = zeros(DType.F32, s.bias());
    Tensor y = zeros(type, s.output());
    Tensor packed = zeros(DType.U8, Shape.of((int) plan.packedBytes()));
    calls.put(name + " conv forward", () -> plan.forward(x, w, b, y));
    calls.put(name + " conv packed", () -> plan.forwardPacked(x, packed, b, y));
    calls.put(name + " conv backwardData", () -> plan.backwardData(y, w, x));
    calls.put(name + " conv backwardWeights", () -> plan.backwardWeights(x, y, w, b));
  }

  private void joinedConvolution(DType type) {
    Conv2dShape whole = Conv2dShape.same(BATCH, SIZE, SIZE, 2 * CHANNELS, CHANNELS, 3);
    JoinedConv2dShape s = new JoinedConv2dShape(whole, CHANNELS);
    JoinedConv2dPlan plan = JoinedConv2dPlan.on(cpu, new JoinedConv2dPlan.Key(s, type, true, true));
    Tensor x = zeros(type, IMAGE);
    Tensor w = zeros(DType.F32, s.weights());
    Tensor bias = zeros(DType.F32, s.bias());
    Tensor y = zeros(type, s.output());
    calls.put("joined conv forward", () -> plan.forward(x, x, w, bias, y));
    calls.put("joined conv backwardData", () -> plan.backwardData(y, w, x, x));
    calls.put("joined conv backwardWeights", () -> plan.backwardWeights(x, x, y, w, bias));
  }

  private void bytes(DType type) {
    Tensor x = zeros(type, IMAGE);
    Tensor inBytes = zeros(DType.I8, IMAGE);
    Tensor channels = zeros(DType.F32, Shape.of(CHANNELS));
    Tensor step = zeros(DType.F32, ONE);
    QuantizePlan quantize = QuantizePlan.on(cpu, new QuantizePlan.Key(IMAGE, type, DType.I8));
    calls.put("quantize", () -> quantize.forward(x, step, inBytes));
    Conv2dShape same = Conv2dShape.same(BATCH, SIZE, SIZE, CHANNELS, CHANNELS, 3);
    quantized(
        "convolution of bytes",
        QuantizedConv2dPlan.on(cpu, new QuantizedConv2dPlan.Key(same, DType.I8, DType.I8, true)),
        inBytes,
        zeros(DType.F32, same.weights()),
        channels,
        zeros(DType.I8, same.output()));
    ConvTranspose2dShape twice =
        ConvTranspose2dShape.upscaling(BATCH, SIZE, SIZE, CHANNELS, CHANNELS, 2);
    quantized(
        "transposed convolution of bytes",
        QuantizedConvTranspose2dPlan.on(
            cpu, new QuantizedConvTranspose2dPlan.Key(twice, DType.I8, DType.I8)),
        inBytes,
        zeros(DType.F32, twice.weights()),
        channels,
        zeros(DType.I8, twice.output()));
    Pool2dShape windows = new Pool2dShape(BATCH, SIZE, SIZE, CHANNELS, 2, 2, 2, 2, 0, 0);
    MaxPool2dPlan max = MaxPool2dPlan.on(cpu, new MaxPool2dPlan.Key(windows, DType.I8));
    Tensor half = zeros(DType.I8, windows.output());
    calls.put("max pool of bytes", () -> max.forward(inBytes, half, null));
  }

  private void quantized(
      String name, QuantizedPlan plan, Tensor x, Tensor w, Tensor channels, Tensor y) {
    Tensor packed = zeros(DType.U8, Shape.of(Math.toIntExact(plan.packedBytes())));
    calls.put(name + " pack", () -> plan.pack(w, packed));
    calls.put(name, () -> plan.forward(x, packed, channels, channels, y));
  }

  private void images(DType type) {
    Tensor x = zeros(type, IMAGE);
    Shape half = Shape.of(BATCH, SIZE / 2, SIZE / 2, CHANNELS);
    Tensor y = zeros(type, half);
    Pool2dShape windows = new Pool2dShape(BATCH, SIZE, SIZE, CHANNELS, 2, 2, 2, 2, 0, 0);
    MaxPool2dPlan max = MaxPool2dPlan.on(cpu, new MaxPool2dPlan.Key(windows, type));
    Tensor indices = zeros(DType.U8, max.indices());
    calls.put("max pool", () -> max.forward(x, y, indices));
    calls.put("max pool in inference", () -> max.forward(x, y, null));
    calls.put("max pool backward", () -> max.backward(y, indices, x));
    AvgPool2dPlan average = AvgPool2dPlan.on(cpu, new AvgPool2dPlan.Key(windows, type, true));
    calls.put("average pool", () -> average.forward(x, y));
    calls.put("average pool backward", () -> average.backward(y, x));
    GlobalAvgPoolPlan global =
        GlobalAvgPoolPlan.on(
            cpu,
            new GlobalAvgPoolPlan.Key(new GlobalAvgPoolShape(BATCH, SIZE, SIZE, CHANNELS), type));
    Tensor means = zeros(type, Shape.of(BATCH, 1, 1, CHANNELS));
    calls.put("global average", () -> global.forward(x, means));
    calls.put("global average backward", () -> global.backward(means, x));
    UpsampleShape twice = new UpsampleShape(BATCH, SIZE / 2, SIZE / 2, CHANNELS, 2, 2);
    for (Interpolation interpolation : Interpolation.values()) {
      UpsamplePlan plan = UpsamplePlan.on(cpu, new UpsamplePlan.Key(twice, interpolation, type));
      calls.put(interpolation + "", () -> plan.forward(y, x));
      calls.put(interpolation + " backward", () -> plan.backward(x, y));
    }
    for (int channels : new int[] {8, 64}) {
      ConcatShape shape = new ConcatShape(BATCH, SIZE, SIZE, List.of(channels, channels));
      ConcatPlan concat = ConcatPlan.on(cpu, new ConcatPlan.Key(shape, type));
      List<Tensor> parts = List.of(zeros(type, shape.input(0)), zeros(type, shape.input(1)));
      Tensor joined = zeros(type, shape.output());
      calls.put("concat " + channels, () -> concat.forward(parts, joined));
      calls.put("concat " + channels + " backward", () -> concat.backward(joined, parts));
    }
  }

  private void norms(DType type) {
    Tensor x = zeros(type, IMAGE);
    Tensor y = zeros(type, IMAGE);
    Tensor dx = zeros(type, IMAGE);
    Tensor[] p = new Tensor[8];
    for (int i = 0; i < p.length; i++) {
      p[i] = zeros(DType.F32, Shape.of(CHANNELS));
    }
    for (int size : new int[] {SIZE, SIZE / 2}) {
      BatchNormShape shape =
          new BatchNormShape(2 * SIZE * SIZE / size / size, size, size, CHANNELS);
      BatchNormPlan plan = BatchNormPlan.on(cpu, new BatchNormPlan.Key(shape, type, 1e-5f, true));
      Tensor a = x.reshape(shape.image());
      Tensor b = y.reshape(shape.image());
      Tensor c = dx.reshape(shape.image());
      Tensor mask = zeros(DType.U8, plan.mask());
      String name = "batch norm of " + size + ", ";
      calls.put(name + "training", () -> plan.forwardTraining(a, p[0], p[1], b, p[2], p[3], mask));
      calls.put(name + "running", () -> plan.updateRunning(p[2], p[3], 0.1f, p[4], p[5]));
      calls.put(
          name + "backward",
          () -> plan.backwardTraining(a, b, p[0], p[2], p[3], mask, c, p[6], p[7]));
      calls.put(
          name + "inference", () -> plan.forwardInference(a, p[0], p[1], p[2], p[3], b, null));
      calls.put(name + "frozen", () -> plan.forwardInference(a, p[0], p[1], p[2], p[3], b, mask));
      calls.put(
          name + "frozen backward",
          () -> plan.backwardInference(a, b, p[0], p[2], p[3], mask, c, p[6], p[7]));
    }
    for (int groups : new int[] {4, CHANNELS}) {
      GroupNormShape shape = new GroupNormShape(BATCH, SIZE, SIZE, CHANNELS, groups);
      GroupNormPlan plan = GroupNormPlan.on(cpu, new GroupNormPlan.Key(shape, type, 1e-5f));
      Tensor mean = zeros(DType.F32, shape.statistics());
      Tensor variance = zeros(DType.F32, shape.statistics());
      String name = "group norm of " + groups;
      calls.put(name, () -> plan.forward(x, p[0], p[1], y, mean, variance));
      calls.put(
          name + " backward", () -> plan.backward(x, y, p[0], mean, variance, dx, p[6], p[7]));
    }
  }

  private void products(DType type) {
    LinearShape rows = new LinearShape(32, 64, 16);
    LinearPlan linear = LinearPlan.on(cpu, new LinearPlan.Key(rows, type, true));
    Tensor x = zeros(type, rows.input());
    Tensor w = zeros(DType.F32, rows.weights());
    Tensor b = zeros(DType.F32, rows.bias());
    Tensor y = zeros(type, rows.output());
    calls.put("linear", () -> linear.forward(x, w, b, y));
    calls.put("linear backwardData", () -> linear.backwardData(y, w, x));
    calls.put("linear backwardWeights", () -> linear.backwardWeights(x, y, w, b));
    for (int stride : new int[] {1, 2}) {
      ConvTranspose2dShape shape =
          new ConvTranspose2dShape(BATCH, 16, 16, 8, 16, 2, 2, stride, stride, 0, 0, 0, 0);
      ConvTranspose2dPlan plan =
          ConvTranspose2dPlan.on(cpu, new ConvTranspose2dPlan.Key(shape, type, true));
      Tensor from = zeros(type, shape.input());
      Tensor weights = zeros(DType.F32, shape.weights());
      Tensor bias = zeros(DType.F32, shape.bias());
      Tensor to = zeros(type, shape.output());
      String name = "transposed convolution by " + stride;
      calls.put(name, () -> plan.forward(from, weights, bias, to));
      calls.put(name + " backwardData", () -> plan.backwardData(to, weights, from));
      calls.put(name + " backwardWeights", () -> plan.backwardWeights(from, to, weights, bias));
    }
  }

  private void losses() {
    Tensor x = zeros(DType.F32, IMAGE);
    Tensor dx = zeros(DType.F32, IMAGE);
    Tensor value = zeros(DType.F32, ONE);
    for (Loss loss : List.of(new Bce(), new BceDice(1), new Focal(2), new CrossEntropy())) {
      for (DType type : new DType[] {DType.F32, DType.U8}) {
        LossPlan.Key key = new LossPlan.Key(IMAGE, type, loss);
        LossPlan plan = LossPlan.on(cpu, key);
        Tensor truth = zeros(type, key.truthShape());
        calls.put(loss + " of " + type, () -> plan.forward(x, truth, value));
        calls.put(loss + " of " + type + " backward", () -> plan.backward(x, truth, value, dx));
      }
    }
  }

  private void updates() {
    Shape large = Shape.of(100_000);
    List<List<Tensor>> lists = new ArrayList<>();
    for (int k = 0; k < 4; k++) {
      lists.add(List.of(zeros(DType.F32, large), zeros(DType.F32, ONE)));
    }
    List<Tensor> w = lists.get(0);
    List<Tensor> g = lists.get(1);
    List<Tensor> m = lists.get(2);
    List<Tensor> v = lists.get(3);
    AdamPlan adam = AdamPlan.on(cpu, new AdamPlan.Key(new Adam(0.9, 0.999, 1e-8, 0), false));
    calls.put("adam", () -> adam.step(w, g, m, v, 0.1f, 1, 1));
    SgdPlan sgd = SgdPlan.on(cpu, new SgdPlan.Key(new Sgd(0.9, true, 0)));
    calls.put("sgd", () -> sgd.step(w, g, m, 0.1f, 1, false));
    AveragePlan average = AveragePlan.on(cpu, new AveragePlan.Key());
    calls.put("average", () -> average.step(w, g, 0.9f));
    NormPlan norm = NormPlan.on(cpu, new NormPlan.Key());
    calls.put("norm", () -> norm.norm(g));
  }

  private Tensor zeros(DType type, Shape shape) {
    return Tensor.zeros(cpu, type, shape);
  }
}
