package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.LanePrimitive;
import io.github.glia.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows and columns in one: a kernel of up to 2 × 2 pixels for each plane, so that in half precision
 * only what is in the planes is rounded.
 */
final class WinogradPlanesAtOnce extends WinogradPlanes {
  WinogradPlanesAtOnce(
      CpuBackend cpu,
      String convolution,
      String use,
      WinogradTiles tiles,
      int channels,
      DType type,
      List<WinogradTaps> taps) {
    super(cpu, convolution, use, tiles, channels, type, taps);
  }

  @Override
  long rowsBytes(WinogradTiles.Band band) {
    return 0;
  }

  @Override
  void rows(int lane, int u, long images, WinogradTiles.Band band, long rows) {}

  @Override
  void plane(int lane, int u, int v, long images, WinogradTiles.Band band, long rows, long into) {
    Transform transform = transformOf(band);
    transform
        .primitives()
        .get(u * taps().size() + v)
        .in(lane)
        .bind(DNNL_ARG_SRC, images + transform.places().get(u))
        .bind(DNNL_ARG_DST, into)
        .run();
  }

  @Override
  List<LanePrimitive> primitives(WinogradTiles.Band form) {
    List<LanePrimitive> ofAll = new ArrayList<>();
    for (int u = 0; u < taps().size(); u++) {
      for (int v = 0; v < taps().size(); v++) {
        WinogradTaps down = taps().get(u);
        WinogradTaps across = taps().get(v);
        String part = " " + u + " " + v + " " + form;
        ofAll.add(make(() -> plane(form, part, down, across)));
      }
    }
    return ofAll;
  }

  private LanePrimitive plane(
      WinogradTiles.Band form, String part, WinogradTaps down, WinogradTaps across) {
    Reach rows = rows(form, down);
    Reach columns = columns(across);
    return sums(
        part,
        images(form.images(), rows.pixels(), tiles().width()),
        images(form.images(), form.rows(), tiles().columns()),
        down,
        across,
        new long[] {tiles().side(), tiles().side()},
        new long[] {rows.before(), columns.before()},
        new long[] {rows.after(), columns.after()});
  }
}
