package io.github.glia.unet.data;

import java.io.IOException;
import java.util.regex.Pattern;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;

/** Listens to a decoder, which goes on with half a picture and only warns. */
final class Complaints implements IIOReadWarningListener {
  private static final Pattern DAMAGE =
      Pattern.compile("premature|corrupt|truncated|\\beof\\b", Pattern.CASE_INSENSITIVE);

  private String damage;

  @Override
  public void warningOccurred(ImageReader source, String warning) {
    if (DAMAGE.matcher(warning).find()) {
      damage = warning;
    }
  }

  void refuseDamage() throws IOException {
    if (damage != null) {
      throw new IOException("is damaged: " + damage);
    }
  }
}
