package io.github.glia.unet.phantom;

/** What a head is made of, and how bright that is in the three sequences. */
enum Tissue {
  AIR(1, 1, 1),
  FAT(165, 105, 165),
  BONE(14, 12, 14),
  MARROW(62, 38, 64),
  MUSCLE(52, 40, 62),
  FLUID(17, 14, 18),
  GREY(53, 76, 57),
  WHITE(72, 63, 76),
  DEEP_GREY(59, 72, 63),
  EYE(20, 16, 22),
  MUCOSA(60, 95, 150),
  CHOROID(45, 62, 130),
  VESSEL(30, 20, 175),
  GLIOSIS(60, 100, 62),
  TUMOUR(45, 118, 47),
  CORE(26, 52, 28),
  RIM(58, 108, 150);

  final double plain;
  final double flair;
  final double contrast;

  Tissue(double plain, double flair, double contrast) {
    this.plain = plain;
    this.flair = flair;
    this.contrast = contrast;
  }
}
