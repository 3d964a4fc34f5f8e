package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.LanePrimitive;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows and columns in one: a kernel of up to 2 × 2 pixels for each plane, so that in half precision
 * only what is in the planes is rounded.
 */
final class WinogradPlanesAtOnce extends WinogradPlanes {
  WinogradPlanesAtOnce(CpuBackend cpu, String convolution, Images images) {
    super(cpu, convolution, images);
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
        .get(u * images().taps().size() + v)
        .in(lane)
        .bind(DNNL_ARG_SRC, images + transform.places().get(u))
        .bind(DNNL_ARG_DST, into)
        .run();
  }

  @Override
  List<LanePrimitive> primitives(WinogradTiles.Band form) {
    List<LanePrimitive> ofAll = new ArrayList<>();
    for (int u = 0; u < images().taps().size(); u++) {
      for (int v = 0; v < images().taps().size(); v++) {
        WinogradTaps down = images().taps().get(u);
        WinogradTaps across = images().taps().get(v);
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
        images().describe(form.images(), rows.pixels(), images().tiles().width()),
        images().describe(form.images(), form.rows(), images().tiles().columns()),
        down,
        across,
        new long[] {images().tiles().side(), images().tiles().side()},
        new long[] {rows.before(), columns.before()},
        new long[] {rows.after(), columns.after()});
  }
}
