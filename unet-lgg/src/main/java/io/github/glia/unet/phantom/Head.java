package io.github.glia.unet.phantom;

import static io.github.glia.unet.phantom.Voxel.inside;

import io.github.glia.tensor.Philox;

/** Skull and brain of one patient. */
final class Head {
  private final Skull skull;
  private final Brain brain;
  private final double softness;

  /**
   * @param softness half the width of a border between tissues in millimetres
   */
  Head(Philox random, double softness) {
    this.softness = softness;
    Noise noise = new Noise(random);
    skull = new Skull(random, noise, softness);
    brain = new Brain(random, noise, softness, skull.cavity());
  }

  double top() {
    return skull.top();
  }

  /** Finds out how deep in the head a place is; false if it is in the air. */
  boolean contains(Place place) {
    place.depth = skull.depth(place.x, place.y, place.z);
    return place.depth > -softness;
  }

  /** Fills in what a place in the head is near to. */
  void locate(Place place) {
    brain.locate(place);
  }

  void paint(Voxel voxel, Place place) {
    skull.paint(voxel, place);
    brain.paint(voxel, place);
    double sinus =
        Math.max(
            Math.abs(place.x) - 2.5 + 0.6 * Math.max(0, place.depth - skull.cavity()),
            Math.abs(place.depth - skull.cavity() - 1) - 3);
    if (place.z > 0 && (place.y < -30 || place.z > 60)) {
      voxel.paint(Tissue.VESSEL, 0.8 * inside(sinus, softness));
    }
  }
}
