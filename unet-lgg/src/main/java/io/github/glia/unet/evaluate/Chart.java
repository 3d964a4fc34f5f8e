package io.github.glia.unet.evaluate;

import java.util.List;

/** A diagram as SVG; its colours are those of the page, so that it is light or dark with it. */
final class Chart {
  private static final double WIDTH = 520;
  private static final double HEIGHT = 300;
  private static final double LEFT = 54;
  private static final double RIGHT = 26;
  private static final double TOP = 16;
  private static final double BOTTOM = 50;

  private final Axis x;
  private final Axis y;
  private final StringBuilder marks = new StringBuilder();

  /** A point of a line or a cloud; where y is not a number, a line has a gap. */
  record Point(double x, double y, String tip) {}

  Chart(Axis x, Axis y) {
    this.x = x;
    this.y = y;
  }

  /** A line through points, in the given colour of the page's palette. */
  Chart line(String colour, List<Point> points) {
    StringBuilder path = new StringBuilder();
    String command = "M";
    for (Point point : points) {
      if (Double.isFinite(point.y)) {
        path.append(Text.of("%s%.1f %.1f", command, px(point.x), py(point.y)));
        command = "L";
      } else {
        command = "M";
      }
    }
    if (path.length() > 0) {
      marks.append(Text.of("<path class=\"line %s\" d=\"%s\"/>\n", colour, path));
    }
    return this;
  }

  /** Dots that say what they are when pointed at. */
  Chart dots(String colour, List<Point> points) {
    for (Point point : points) {
      if (Double.isFinite(point.y)) {
        marks.append(
            Text.of(
                "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>%s</title>"
                    + "</circle>\n",
                colour, px(point.x), py(point.y), Text.escape(point.tip)));
      }
    }
    return this;
  }

  /** A bar from the x axis up. */
  Chart bar(String colour, double from, double to, double height, String tip) {
    marks.append(
        Text.of(
            "<rect class=\"bar %s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
                + "<title>%s</title></rect>\n",
            colour,
            px(from) + 1,
            py(height),
            Math.max(px(to) - px(from) - 2, 1),
            py(y.low()) - py(height),
            Text.escape(tip)));
    return this;
  }

  /** A dashed line from bottom to top, with a word beside it. */
  Chart mark(double at, String word) {
    boolean left = at > x.low() + 0.7 * (x.high() - x.low());
    marks.append(
        Text.of(
            "<path class=\"mark\" d=\"M%.1f %.1fV%.1f\"/><text class=\"word\" x=\"%.1f\" y=\"%.1f\""
                + " text-anchor=\"%s\">%s</text>\n",
            px(at),
            TOP,
            HEIGHT - BOTTOM,
            px(at) + (left ? -6 : 6),
            TOP + 10,
            left ? "end" : "start",
            Text.escape(word)));
    return this;
  }

  /** The SVG element; the description is for those who do not see it. */
  String svg(String description) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        Text.of(
            "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n",
            WIDTH, HEIGHT, Text.escape(description)));
    for (double tick : y.ticks()) {
      svg.append(
          Text.of(
              "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/><text x=\"%.1f\" y=\"%.1f\""
                  + " text-anchor=\"end\">%s</text>\n",
              LEFT, py(tick), WIDTH - RIGHT, LEFT - 7, py(tick) + 5, y.word(tick)));
    }
    for (double tick : x.ticks()) {
      svg.append(
          Text.of(
              "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
              px(tick), HEIGHT - BOTTOM + 19, x.word(tick)));
    }
    svg.append(marks);
    svg.append(
        Text.of(
            "<path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/>\n",
            LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT));
    svg.append(
        Text.of(
            "<text class=\"name\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, Text.escape(x.name())));
    svg.append(
        Text.of(
            "<text class=\"name\" transform=\"translate(14 %.1f) rotate(-90)\""
                + " text-anchor=\"middle\">%s</text>\n",
            (TOP + HEIGHT - BOTTOM) / 2, Text.escape(y.name())));
    return svg.append("</svg>\n").toString();
  }

  private double px(double value) {
    return LEFT + x.share(value) * (WIDTH - LEFT - RIGHT);
  }

  private double py(double value) {
    return HEIGHT - BOTTOM - y.share(value) * (HEIGHT - TOP - BOTTOM);
  }
}
