package io.github.glia.unet.phantom;

/** The volumes of a case of BraTS, each {@code [slices, size, size]}. */
final class BratsVolumes {
  final short[] t1;
  final short[] t1ce;
  final short[] t2;
  final short[] flair;
  final short[] labels;

  BratsVolumes(PhantomOptions options) {
    int voxels = options.slices() * options.size() * options.size();
    t1 = new short[voxels];
    t1ce = new short[voxels];
    t2 = new short[voxels];
    flair = new short[voxels];
    labels = new short[voxels];
  }
}
