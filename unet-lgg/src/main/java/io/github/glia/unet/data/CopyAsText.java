package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Recognises images that were copied as if they were text. Much of such a file may still decode, to
 * pixels in the wrong places.
 */
final class CopyAsText {
  /** So many line ends, each with a carriage return, do not happen in an image. */
  private static final int LINES = 32;

  /** Images are no text within a few characters, mostly. */
  private static final int AT_ONCE = 4096;

  private CopyAsText() {}

  static void refuse(byte[] bytes) throws IOException {
    if (hasReplacements(bytes) || hasLineEndsOfWindows(bytes)) {
      throw new IOException("was damaged by a copy as text; copy the original in binary mode");
    }
  }

  /** What is no text becomes U+FFFD, and then all of it is valid UTF-8; no image is that. */
  private static boolean hasReplacements(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    CharBuffer some = CharBuffer.allocate(AT_ONCE);
    boolean found = false;
    CoderResult result = CoderResult.OVERFLOW;
    while (result.isOverflow()) {
      result = decoder.decode(rest, some.clear(), true);
      found |= some.flip().chars().anyMatch(character -> character == '\ufffd');
    }
    return found && !result.isError();
  }

  private static boolean hasLineEndsOfWindows(byte[] bytes) {
    int lines = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        if (i == 0 || bytes[i - 1] != '\r') {
          return false;
        }
        lines++;
      }
    }
    return lines >= LINES;
  }
}
