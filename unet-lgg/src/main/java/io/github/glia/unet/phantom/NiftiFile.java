package io.github.glia.unet.phantom;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/**
 * Writes volumes of 16-bit voxels as gzipped NIfTI-1: a header of fixed places, then the voxels.
 */
final class NiftiFile {
  private static final int HEADER = 348;
  private static final int BEFORE_VOXELS = HEADER + Integer.BYTES; // no extensions
  private static final short INT16 = 4;
  private static final byte MILLIMETRES = 2;
  private static final short SCANNER_COORDINATES = 1;

  private NiftiFile() {}

  /**
   * @param voxels {@code [slices, size, size]}
   */
  static void write(Path file, NiftiGrid grid, short[] voxels) throws IOException {
    ByteBuffer slice =
        ByteBuffer.allocate(Short.BYTES * grid.size() * grid.size()).order(ByteOrder.LITTLE_ENDIAN);
    int pixels = grid.size() * grid.size();
    try (OutputStream out =
        new GZIPOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      out.write(header(grid));
      for (int z = 0; z < grid.slices(); z++) {
        slice.asShortBuffer().put(voxels, z * pixels, pixels);
        out.write(slice.array());
      }
    }
  }

  private static byte[] header(NiftiGrid grid) {
    ByteBuffer header = ByteBuffer.allocate(BEFORE_VOXELS).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(0, HEADER);
    shorts(header, 40, 3, grid.size(), grid.size(), grid.slices(), 1, 1, 1, 1); // dimensions
    shorts(header, 70, INT16, Short.SIZE);
    floats(header, 76, 1, grid.pixel(), grid.pixel(), grid.step());
    floats(header, 108, BEFORE_VOXELS, 1, 0); // where voxels begin; their factor and summand
    header.put(123, MILLIMETRES);
    header.put(148, "made up by Glia".getBytes(StandardCharsets.US_ASCII));
    orientation(header, grid);
    header.put(344, "n+1".getBytes(StandardCharsets.US_ASCII));
    return header.array();
  }

  /** As a rotation and as a matrix: half a turn about the axis from below to above. */
  private static void orientation(ByteBuffer header, NiftiGrid grid) {
    double reach = grid.reach();
    shorts(header, 252, SCANNER_COORDINATES, SCANNER_COORDINATES);
    floats(header, 256, 0, 0, 1); // quaternion
    floats(header, 268, reach, reach, grid.lowest());
    floats(header, 280, -grid.pixel(), 0, 0, reach); // to the right of the head
    floats(header, 296, 0, -grid.pixel(), 0, reach); // to its front
    floats(header, 312, 0, 0, grid.step(), grid.lowest()); // upwards
  }

  private static void shorts(ByteBuffer header, int at, int... values) {
    for (int i = 0; i < values.length; i++) {
      header.putShort(at + Short.BYTES * i, (short) values[i]);
    }
  }

  private static void floats(ByteBuffer header, int at, double... values) {
    for (int i = 0; i < values.length; i++) {
      header.putFloat(at + Float.BYTES * i, (float) values[i]);
    }
  }
}
