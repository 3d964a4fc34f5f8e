package io.github.glia.kernels.pool;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Elements;
import io.github.glia.tensor.DType;

/**
 * Whether all values of some images are finite, by averages, which are finite only where all that
 * they are of is: first of each row, then of the averages of the rows. In two steps, since oneDNN
 * has a thread for each window, and a whole image would be one.
 */
final class FiniteCheck {
  private final CpuBackend cpu;
  private final OneDnnAvgPool2d ofRows;
  private final OneDnnAvgPool2d ofImages;
  private final DType type;
  private final long bytesOfRows;
  private final Elements averages;

  FiniteCheck(CpuBackend cpu, Pool2dShape s, DType type) {
    this.cpu = cpu;
    this.type = type;
    int rows = Math.multiplyExact(s.batch(), s.height());
    ofRows = averages(cpu, Pool2dShape.wholeImage(rows, 1, s.width(), s.channels()), type);
    ofImages = averages(cpu, Pool2dShape.wholeImage(s.batch(), s.height(), 1, s.channels()), type);
    bytesOfRows = CpuBackend.aligned((long) rows * s.channels() * type.bytes());
    averages = new Elements(Math.multiplyExact(s.batch(), s.channels()));
  }

  private static OneDnnAvgPool2d averages(CpuBackend cpu, Pool2dShape windows, DType type) {
    AvgPool2dPlan.Key key = new AvgPool2dPlan.Key(windows, type, true);
    return cpu.plan(key, onCpu(c -> new OneDnnAvgPool2d(c, key)));
  }

  /** For callers that hold the lock. */
  boolean holds(long images) {
    int n = averages.values.length;
    long rowAverages = cpu.workspace(bytesOfRows + (long) n * type.bytes());
    long imageAverages = rowAverages + bytesOfRows;
    ofRows.compute(images, rowAverages);
    ofImages.compute(rowAverages, imageAverages);
    for (float average : averages.read(cpu, imageAverages, type, 0, n).values) {
      if (!Float.isFinite(average)) {
        return false;
      }
    }
    return true;
  }
}
