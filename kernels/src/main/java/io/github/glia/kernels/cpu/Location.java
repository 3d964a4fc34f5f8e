package io.github.glia.kernels.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** A JavaCPP pointer that can be set to any address, so that one object serves many calls. */
final class Location extends Pointer {
  Location() {
    super((Pointer) null);
  }

  Location at(long newAddress) {
    address = newAddress;
    return this;
  }

  /** The memory at an address as a buffer in native byte order. */
  static ByteBuffer buffer(long address, long bytes) {
    BytePointer bytePointer = new BytePointer(new Location().at(address));
    return bytePointer.capacity(bytes).asByteBuffer().order(ByteOrder.nativeOrder());
  }
}
