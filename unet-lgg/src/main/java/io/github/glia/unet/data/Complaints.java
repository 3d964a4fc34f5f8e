package io.github.glia.unet.data;

import java.io.IOException;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;

/** Listens to a decoder, which goes on with half a picture and only warns. */
final class Complaints implements IIOReadWarningListener {
  private String damage;

  @Override
  public void warningOccurred(ImageReader source, String warning) {
    String lower = warning.toLowerCase(Locale.ROOT);
    if (Stream.of("premature", "corrupt", "truncated", "eof", "end of").anyMatch(lower::contains)) {
      damage = warning;
    }
  }

  void refuseDamage() throws IOException {
    if (damage != null) {
      throw new IOException("is damaged: " + damage);
    }
  }
}
