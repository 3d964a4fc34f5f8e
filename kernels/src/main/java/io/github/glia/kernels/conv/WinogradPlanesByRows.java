package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.LanePrimitive;
import java.util.ArrayList;
import java.util.List;

/** First sums of rows of pixels, one row for each row of tiles, and then sums of their columns. */
final class WinogradPlanesByRows extends WinogradPlanes {
  WinogradPlanesByRows(CpuBackend cpu, String convolution, Images images) {
    super(cpu, convolution, images);
  }

  @Override
  long rowsBytes(WinogradTiles.Band band) {
    return bytes(band, images().tiles().width());
  }

  @Override
  void rows(int lane, int u, long images, WinogradTiles.Band band, long rows) {
    Transform transform = transformOf(band);
    transform
        .primitives()
        .get(u)
        .in(lane)
        .bind(DNNL_ARG_SRC, images + transform.places().get(u))
        .bind(DNNL_ARG_DST, rows)
        .run();
  }

  @Override
  void plane(int lane, int u, int v, long images, WinogradTiles.Band band, long rows, long into) {
    transformOf(band)
        .primitives()
        .get(images().taps().size() + v)
        .in(lane)
        .bind(DNNL_ARG_SRC, rows)
        .bind(DNNL_ARG_DST, into)
        .run();
  }

  @Override
  List<LanePrimitive> primitives(WinogradTiles.Band form) {
    List<LanePrimitive> ofAll = new ArrayList<>();
    for (int u = 0; u < images().taps().size(); u++) {
      WinogradTaps down = images().taps().get(u);
      String part = " down " + u + " " + form;
      ofAll.add(make(() -> down(form, part, down)));
    }
    for (int v = 0; v < images().taps().size(); v++) {
      WinogradTaps across = images().taps().get(v);
      String part = " across " + v + " " + form;
      ofAll.add(make(() -> across(form, part, across)));
    }
    return ofAll;
  }

  private LanePrimitive down(WinogradTiles.Band form, String part, WinogradTaps down) {
    Reach rows = rows(form, down);
    return sums(
        part,
        images().describe(form.images(), rows.pixels(), images().tiles().width()),
        images().describe(form.images(), form.rows(), images().tiles().width()),
        down,
        WinogradTaps.ONE,
        new long[] {images().tiles().side(), 1},
        new long[] {rows.before(), 0},
        new long[] {rows.after(), 0});
  }

  private LanePrimitive across(WinogradTiles.Band form, String part, WinogradTaps across) {
    Reach columns = columns(across);
    return sums(
        part,
        images().describe(form.images(), form.rows(), images().tiles().width()),
        images().describe(form.images(), form.rows(), images().tiles().columns()),
        WinogradTaps.ONE,
        across,
        new long[] {1, images().tiles().side()},
        new long[] {0, columns.before()},
        new long[] {0, columns.after()});
  }
}
