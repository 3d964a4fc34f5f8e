package io.github.glia.unet.data;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How far training slices may be changed, image and mask together. Every sample draws its own
 * change within these ranges; 0 is no change of that kind.
 *
 * <p>As text this is {@code none}, {@code standard}, {@code strong}, or names with values, {@code
 * flip=0.5,rotation=15}; {@code standard,noise=0} is the standard but for the noise.
 *
 * @param flip chance of exchanging left and right
 * @param flipVertical chance of exchanging front and back
 * @param rotation largest angle in degrees, either way
 * @param zoom largest change of size, either way; 0.1 is 90 % to 110 %
 * @param shift largest shift along either axis, as a share of the side
 * @param elastic largest displacement of a smooth random deformation, as a share of the side
 * @param brightness largest change of the factor on the intensities of a channel
 * @param contrast largest change of the factor on their distance from the channel's mean
 * @param gamma largest change of the exponent on the intensities of a channel; 0.2 is 1/1.2 to 1.2
 * @param noise largest deviation of normal noise, where the intensities are 0 to 1
 * @param missing chance, for each channel but the middle one of three, that the middle one stands
 *     in its place: so the LGG set shows patients of whom a sequence is missing
 */
public record Augmentation(
    double flip,
    double flipVertical,
    double rotation,
    double zoom,
    double shift,
    double elastic,
    double brightness,
    double contrast,
    double gamma,
    double noise,
    double missing) {

  private static final Augmentation NONE = new Augmentation(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  private static final Augmentation STANDARD =
      new Augmentation(0.5, 0, 15, 0.1, 0.05, 0.02, 0.1, 0.1, 0.1, 0.01, 0);
  private static final Augmentation STRONG =
      new Augmentation(0.5, 0, 20, 0.2, 0.08, 0.03, 0.2, 0.2, 0.3, 0.02, 0.15);

  public Augmentation {
    check("flip", flip, 1);
    check("flip-vertical", flipVertical, 1);
    check("rotation", rotation, 180);
    check("zoom", zoom, 0.9);
    check("shift", shift, 1);
    check("elastic", elastic, Warp.LARGEST_ELASTIC); // beyond, the deformation could fold over
    check("brightness", brightness, 1);
    check("contrast", contrast, 1);
    check("gamma", gamma, 10);
    check("noise", noise, 1);
    check("missing", missing, 1);
  }

  private static void check(String name, double value, double most) {
    if (!(value >= 0 && value <= most)) {
      throw new IllegalArgumentException(
          "augmentation %s=%s: expected 0 to %s".formatted(name, value, most));
    }
  }

  /** No change at all. */
  public static Augmentation none() {
    return NONE;
  }

  /** What suits MRI slices of heads. */
  public static Augmentation standard() {
    return STANDARD;
  }

  /** What suits the LGG set, with its five hospitals and its missing sequences. */
  public static Augmentation strong() {
    return STRONG;
  }

  /** Reads the text form, and what {@link #toString} writes. */
  public static Augmentation parse(String text) {
    Map<String, Double> values = NONE.values();
    for (String part : text.split(",", -1)) {
      String word = part.strip().toLowerCase(Locale.ROOT);
      int equals = word.indexOf('=');
      if (word.equals("none")) {
        values = NONE.values();
      } else if (word.equals("standard")) {
        values = STANDARD.values();
      } else if (word.equals("strong")) {
        values = STRONG.values();
      } else if (equals > 0 && values.containsKey(word.substring(0, equals))) {
        values.put(word.substring(0, equals), number(word.substring(equals + 1), text));
      } else {
        throw new IllegalArgumentException(
            "augmentation \"%s\": \"%s\" is not known; expected none, standard, strong, or name=value with a name of %s"
                .formatted(text, word, String.join(", ", values.keySet())));
      }
    }
    return of(values);
  }

  private static double number(String text, String whole) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "augmentation \"%s\": \"%s\" is not a number".formatted(whole, text), e);
    }
  }

  private Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("flip", flip);
    values.put("flip-vertical", flipVertical);
    values.put("rotation", rotation);
    values.put("zoom", zoom);
    values.put("shift", shift);
    values.put("elastic", elastic);
    values.put("brightness", brightness);
    values.put("contrast", contrast);
    values.put("gamma", gamma);
    values.put("noise", noise);
    values.put("missing", missing);
    return values;
  }

  private static Augmentation of(Map<String, Double> values) {
    return new Augmentation(
        values.get("flip"),
        values.get("flip-vertical"),
        values.get("rotation"),
        values.get("zoom"),
        values.get("shift"),
        values.get("elastic"),
        values.get("brightness"),
        values.get("contrast"),
        values.get("gamma"),
        values.get("noise"),
        values.get("missing"));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    values()
        .forEach(
            (name, value) -> {
              if (value != 0) {
                text.append(text.isEmpty() ? "" : ",").append(name).append('=').append(value);
              }
            });
    return text.isEmpty() ? "none" : text.toString();
  }
}
