package io.github.glia.unet.phantom;

/** The parts of a tumour, with the labels that BraTS gives them. */
enum TumourPart {
  /** No tumour. */
  NONE(0),
  /** Dead tissue in the middle. */
  CORE(1),
  /** Swollen tissue, and all of a tumour without a core. */
  OEDEMA(2),
  /** What takes up contrast agent. */
  RIM(4);

  final short label;

  TumourPart(int label) {
    this.label = (short) label;
  }
}
