package io.github.glia.unet.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/** Makes the small files that tests read. */
final class TestFiles {
  private TestFiles() {}

  interface Shade {
    int at(int x, int y);
  }

  /** Writes an image of that type, its samples from a function; the format is the file's ending. */
  static Path image(Path file, int type, int width, int height, Shade shade) throws IOException {
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(width, height, type);
    int bands = image.getRaster().getNumBands();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int band = 0; band < bands; band++) {
          image.getRaster().setSample(x, y, band, shade.at(x, y));
        }
      }
    }
    String name = file.getFileName().toString();
    if (!ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), file.toFile())) {
      throw new IOException("no writer for " + name);
    }
    return file;
  }

  static Path grey(Path file, int size, Shade shade) throws IOException {
    return image(file, BufferedImage.TYPE_BYTE_GRAY, size, size, shade);
  }

  static Path rgb(Path file, int size, Shade shade) throws IOException {
    return image(file, BufferedImage.TYPE_3BYTE_BGR, size, size, shade);
  }

  /** A header for little-endian 16-bit voxels. */
  static ByteBuffer niftiHeader(int width, int height, int depth) {
    ByteBuffer header = ByteBuffer.allocate(352).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(0, 348);
    header.putShort(40, (short) 3);
    header.putShort(42, (short) width);
    header.putShort(44, (short) height);
    header.putShort(46, (short) depth);
    header.putShort(70, (short) 4);
    header.putShort(72, (short) 16);
    header.putFloat(108, 352);
    header.putFloat(112, 1);
    header.put(344, new byte[] {'n', '+', '1', 0});
    return header;
  }

  /** Writes header and 16-bit voxels, gzipped where the name ends so. */
  static Path nifti(Path file, ByteBuffer header, short... voxels) throws IOException {
    Files.createDirectories(file.getParent());
    byte[] headerBytes = new byte[header.capacity()];
    header.get(0, headerBytes);
    ByteBuffer body = ByteBuffer.allocate(2 * voxels.length).order(header.order());
    for (short voxel : voxels) {
      body.putShort(voxel);
    }
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out = file.toString().endsWith(".gz") ? new GZIPOutputStream(raw) : raw) {
      out.write(headerBytes);
      out.write(body.array());
    }
    return file;
  }

  /** A TIFF of short tags and one strip at byte 8. */
  static byte[] tiff(int[][] tags, byte[] strip) {
    ByteBuffer file =
        ByteBuffer.allocate(8 + strip.length + 2 + 12 * tags.length + 4)
            .order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8 + strip.length);
    file.put(strip).putShort((short) tags.length);
    for (int[] tag : tags) {
      file.putShort((short) tag[0]).putShort((short) 4).putInt(1).putInt(tag[1]);
    }
    return file.putInt(0).array();
  }
}
