package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.ByteBuffer;

/** How a NIfTI file stores a voxel. */
enum NiftiType {
  UINT8(2, 1),
  INT16(4, 2),
  INT32(8, 4),
  FLOAT32(16, 4),
  FLOAT64(64, 8),
  INT8(256, 1),
  UINT16(512, 2),
  UINT32(768, 4);

  private final int code;
  private final int bytes;

  NiftiType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  static NiftiType of(int code, int bits) throws IOException {
    for (NiftiType type : values()) {
      if (type.code == code) {
        if (bits != 8 * type.bytes) {
          throw new IOException(
              "declares "
                  + bits
                  + " bits per voxel, but its datatype "
                  + type
                  + " has "
                  + 8 * type.bytes);
        }
        return type;
      }
    }
    throw new IOException(
        "has the datatype "
            + code
            + "; expected whole numbers or real ones (2, 4, 8, 16, 64, 256,"
            + " 512 or 768)");
  }

  int bytes() {
    return bytes;
  }

  float get(ByteBuffer voxels, int index) {
    int at = index * bytes;
    return switch (this) {
      case UINT8 -> voxels.get(at) & 0xff;
      case INT8 -> voxels.get(at);
      case INT16 -> voxels.getShort(at);
      case UINT16 -> voxels.getShort(at) & 0xffff;
      case INT32 -> voxels.getInt(at);
      case UINT32 -> voxels.getInt(at) & 0xffff_ffffL;
      case FLOAT32 -> voxels.getFloat(at);
      case FLOAT64 -> (float) voxels.getDouble(at);
    };
  }
}
