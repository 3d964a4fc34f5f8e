package io.github.glia.unet.data;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * One TIFF, PNG or JPEG file. Files come from anywhere and may be broken or malicious, so what a
 * file declares is checked before it is decoded: whatever it is, the answer is an image or an
 * {@link IOException} that names it. A file of at most 64 MiB is read, it may decode to at most 64
 * MiB, and reading it takes less than 512 MiB and 30 seconds.
 */
final class ImageFile {
  static final long LIMIT = 64L << 20;
  private static final int SECONDS = 30;

  private enum Format {
    TIFF,
    PNG,
    JPEG
  }

  private ImageFile() {}

  /** Whether a file of that name is an image, going by the ending of its name. */
  static boolean isNamedLikeOne(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".tif")
        || name.endsWith(".tiff")
        || name.endsWith(".png")
        || name.endsWith(".jpg")
        || name.endsWith(".jpeg");
  }

  static Pixels read(Path file) throws IOException {
    try {
      return decode(bytesOf(file));
    } catch (IOException failure) {
      throw new IOException(file + ": " + describe(failure), failure);
    }
  }

  /** Whether the file is a JPEG, which blurs the values of a mask. */
  static boolean isLossy(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".jpg") || name.endsWith(".jpeg");
  }

  private static byte[] bytesOf(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(Files.exists(file) ? "is not a file" : "there is no such file");
    }
    long size = Files.size(file);
    if (size > LIMIT) {
      throw new IOException(
          "has " + size + " bytes; images of at most " + (LIMIT >> 20) + " MiB are read");
    }
    return Files.readAllBytes(file);
  }

  private static Pixels decode(byte[] bytes) throws IOException {
    Format format = formatOf(bytes);
    boolean real = false;
    if (format == Format.TIFF) {
      CopyAsText.refuse(bytes);
      TiffDirectory directory = TiffDirectory.checked(bytes, LIMIT);
      Optional<Pixels> plain = PlainTiff.read(directory, bytes);
      if (plain.isPresent()) {
        return plain.get();
      }
      real = directory.hidesRealSamples();
    }
    ImageReader reader =
        format == Format.TIFF
            ? new TIFFImageReaderSpi().createReaderInstance(null)
            : ImageIO.getImageReadersByFormatName(format.name()).next();
    boolean realSamples = real;
    return withinTime(reader, () -> decode(reader, bytes, realSamples));
  }

  private static Pixels decode(ImageReader reader, byte[] bytes, boolean real) throws IOException {
    Complaints complaints = new Complaints();
    try (var stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      reader.setInput(stream, true, true);
      reader.addIIOReadWarningListener(complaints);
      checkSize(reader);
      BufferedImage image = reader.read(0);
      complaints.refuseDamage();
      return real ? Samples.ofReal(image) : Samples.of(image);
    } catch (EOFException | IIOException broken) {
      throw new IOException("is damaged, or of an unknown kind: " + describe(broken), broken);
    } catch (RuntimeException | StackOverflowError broken) {
      // Decoders answer to broken files with whatever their loops run into.
      throw new IOException("cannot be decoded: " + broken, broken);
    } finally {
      reader.dispose();
    }
  }

  private static void checkSize(ImageReader reader) throws IOException {
    ImageTypeSpecifier type = reader.getRawImageType(0);
    int bits = type == null ? 32 : type.getColorModel().getPixelSize();
    DecodedSize.check(reader.getWidth(0), reader.getHeight(0), (bits + 7) / 8, LIMIT);
  }

  private interface Decoding {
    Pixels run() throws IOException;
  }

  /**
   * Decodes in a thread of its own, so that a file which keeps a decoder busy for ever does not us.
   */
  private static Pixels withinTime(ImageReader reader, Decoding decoding) throws IOException {
    CompletableFuture<Pixels> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(decoding.run());
              } catch (Throwable failure) {
                result.completeExceptionally(failure);
              }
            },
            "decode");
    thread.setDaemon(true);
    thread.start();
    try {
      return result.get(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      reader.abort();
      throw new IOException("is not decoded after " + SECONDS + " seconds", late);
    } catch (InterruptedException stop) {
      reader.abort();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stop);
    } catch (ExecutionException failed) {
      Throwable cause = failed.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IOException(describe(cause), cause);
    }
  }

  private static Format formatOf(byte[] bytes) throws IOException {
    if (startsWith(bytes, 'I', 'I', 42, 0)
        || startsWith(bytes, 'M', 'M', 0, 42)
        || startsWith(bytes, 'I', 'I', 43, 0)
        || startsWith(bytes, 'M', 'M', 0, 43)) {
      return Format.TIFF;
    }
    if (startsWith(bytes, 0x89, 'P', 'N', 'G')) {
      return Format.PNG;
    }
    if (startsWith(bytes, 0xff, 0xd8, 0xff)) {
      return Format.JPEG;
    }
    throw new IOException(
        bytes.length == 0 ? "is empty" : "is not a TIFF, PNG or JPEG image, going by its content");
  }

  private static boolean startsWith(byte[] bytes, int... signature) {
    for (int i = 0; i < signature.length; i++) {
      if (i >= bytes.length || (bytes[i] & 0xff) != signature[i]) {
        return false;
      }
    }
    return true;
  }

  private static String describe(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? "cannot be decoded: " + failure : message;
  }
}
