package io.github.glia.unet.evaluate;

import java.util.Locale;

/** Numbers as the report writes them. */
final class Text {
  private static final String UNDEFINED = "–";

  private Text() {}

  static String of(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Three digits after the point, as Dice is usually given. */
  static String ratio(double value) {
    return Double.isNaN(value) ? UNDEFINED : of("%.3f", value);
  }

  /** One digit after the point. */
  static String length(double value) {
    return Double.isNaN(value) ? UNDEFINED : of("%.1f", value);
  }

  static String value(Metric metric, double value) {
    return metric == Metric.HAUSDORFF95 ? length(value) : ratio(value);
  }

  static String percent(double share) {
    if (Double.isNaN(share)) {
      return UNDEFINED;
    }
    return (share > 0 && share < 0.1) || (share > 0.99 && share < 1)
        ? of("%.1f %%", 100 * share)
        : of("%.0f %%", 100 * share);
  }

  static String count(long value) {
    return of("%,d", value).replace(',', '\u202f');
  }

  static String plural(long count, String noun) {
    return count(count) + " " + noun + (count == 1 ? "" : "s");
  }

  static String interval(Metric metric, Statistics.Interval interval) {
    return Double.isNaN(interval.low())
        ? UNDEFINED
        : value(metric, interval.low()) + " to " + value(metric, interval.high());
  }

  /** Free text, so that no character of it is taken for markup. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'') {
                escaped.append("&#").append(c).append(';');
              } else if (isForbidden(c)) {
                escaped.append('\ufffd');
              } else {
                escaped.appendCodePoint(c);
              }
            });
    return escaped.toString();
  }

  /** Control characters and halves of pairs, which no HTML may hold. */
  private static boolean isForbidden(int c) {
    return (c < ' ' && c != '\n' && c != '\t')
        || (c >= 0x7f && c < 0xa0)
        || (c >= 0xd800 && c <= 0xdfff)
        || c == 0xfffe
        || c == 0xffff;
  }
}
