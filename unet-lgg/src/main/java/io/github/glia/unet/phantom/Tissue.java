package io.github.glia.unet.phantom;

/** What a head is made of, and how bright that is in the sequences. */
enum Tissue {
  AIR(1, 1, 1, 1),
  FAT(165, 105, 165, 110),
  BONE(14, 12, 14, 12),
  MARROW(62, 38, 64, 45),
  MUSCLE(52, 40, 62, 34),
  FLUID(17, 14, 18, 190),
  GREY(53, 76, 57, 96),
  WHITE(72, 63, 76, 68),
  DEEP_GREY(59, 72, 63, 80),
  EYE(20, 16, 22, 180),
  MUCOSA(60, 95, 150, 140),
  CHOROID(45, 62, 130, 120),
  VESSEL(30, 20, 175, 14),
  GLIOSIS(60, 100, 62, 118),
  TUMOUR(45, 118, 47, 138),
  CORE(26, 52, 28, 165),
  RIM(58, 108, 150, 112);

  final double plain;
  final double flair;
  final double contrast;
  final double t2;

  Tissue(double plain, double flair, double contrast, double t2) {
    this.plain = plain;
    this.flair = flair;
    this.contrast = contrast;
    this.t2 = t2;
  }
}
