package io.github.glia.unet.phantom;

/** The brightness of one place in the sequences, painted tissue over tissue. */
final class Voxel {
  double plain;
  double flair;
  double contrast;
  double t2;

  void fill(Tissue tissue) {
    plain = tissue.plain;
    flair = tissue.flair;
    contrast = tissue.contrast;
    t2 = tissue.t2;
  }

  /** Covers what is there with some tissue: 0 not at all, 1 wholly. */
  void paint(Tissue tissue, double cover) {
    plain += (tissue.plain - plain) * cover;
    flair += (tissue.flair - flair) * cover;
    contrast += (tissue.contrast - contrast) * cover;
    t2 += (tissue.t2 - t2) * cover;
  }

  /**
   * How much of a voxel lies inside a body whose surface is at that distance (negative inside): a
   * smooth step, because a voxel on the border holds both tissues.
   */
  static double inside(double distance, double softness) {
    double t = Math.max(0, Math.min(1, 0.5 - distance / (2 * softness)));
    return t * t * (3 - 2 * t);
  }
}
