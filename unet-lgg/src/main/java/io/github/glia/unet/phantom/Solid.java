package io.github.glia.unet.phantom;

/** Distances in millimetres to the surfaces of simple bodies: negative inside. */
final class Solid {
  private Solid() {}

  /** Near the surface of an ellipsoid around the origin this is close to the true distance. */
  static double ellipsoid(double x, double y, double z, double a, double b, double c) {
    double u = x / a;
    double v = y / b;
    double w = z / c;
    double length = Math.sqrt(u * u + v * v + w * w);
    double slope = Math.sqrt((u / a) * (u / a) + (v / b) * (v / b) + (w / c) * (w / c));
    return slope == 0 ? -Math.min(a, Math.min(b, c)) : length * (length - 1) / slope;
  }

  /** A rod with round ends, as thick at its start as {@code r0} and at its end as {@code r1}. */
  static double rod(double[] p, double[] from, double[] to, double r0, double r1) {
    double dx = to[0] - from[0];
    double dy = to[1] - from[1];
    double dz = to[2] - from[2];
    double px = p[0] - from[0];
    double py = p[1] - from[1];
    double pz = p[2] - from[2];
    double along =
        Math.max(0, Math.min(1, (px * dx + py * dy + pz * dz) / (dx * dx + dy * dy + dz * dz)));
    double ex = px - along * dx;
    double ey = py - along * dy;
    double ez = pz - along * dz;
    return Math.sqrt(ex * ex + ey * ey + ez * ez) - (r0 + (r1 - r0) * along);
  }
}
