package io.github.glia.unet.evaluate;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The connected parts of a mask: voxels that touch by a face, an edge or a corner belong together.
 */
final class Components {
  private Components() {}

  /** Each part as the set of its voxels, in the order of their first voxels. */
  static List<BitSet> of(Mask mask) {
    List<BitSet> parts = new ArrayList<>();
    BitSet left = (BitSet) mask.bits().clone();
    int[] waiting = new int[left.cardinality()];
    for (int seed = left.nextSetBit(0); seed >= 0; seed = left.nextSetBit(seed)) {
      BitSet part = new BitSet();
      int count = 0;
      waiting[count++] = seed;
      left.clear(seed);
      while (count > 0) {
        int voxel = waiting[--count];
        part.set(voxel);
        int x = voxel % mask.width();
        int y = voxel / mask.width() % mask.height();
        int z = voxel / mask.width() / mask.height();
        for (int nz = Math.max(z - 1, 0); nz <= Math.min(z + 1, mask.depth() - 1); nz++) {
          for (int ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, mask.height() - 1); ny++) {
            for (int nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, mask.width() - 1); nx++) {
              int neighbour = (nz * mask.height() + ny) * mask.width() + nx;
              if (left.get(neighbour)) {
                left.clear(neighbour);
                waiting[count++] = neighbour;
              }
            }
          }
        }
      }
      parts.add(part);
    }
    return parts;
  }
}
