package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Recognises images that were copied as if they were text. Much of such a file may still decode, to
 * pixels in the wrong places.
 */
final class CopyAsText {
  /** So many line ends, each with a carriage return, do not happen in an image. */
  private static final int LINES = 32;

  private CopyAsText() {}

  static void refuse(byte[] bytes) throws IOException {
    if (hasReplacements(bytes) || hasLineEndsOfWindows(bytes)) {
      throw new IOException("was damaged by a copy as text; copy the original in binary mode");
    }
  }

  /** What is no text becomes U+FFFD, and then all of it is valid UTF-8; no image is that. */
  private static boolean hasReplacements(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes))
          .chars()
          .anyMatch(character -> character == '\ufffd');
    } catch (CharacterCodingException binary) {
      return false;
    }
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
