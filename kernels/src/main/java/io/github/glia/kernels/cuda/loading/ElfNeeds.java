package io.github.glia.kernels.cuda.loading;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The libraries that a library of Linux on x86-64 needs, as its ELF file names them.
 *
 * <p>JCuda's natives ask for {@code libcublas.so.12}, and so refuse CUDA 13. What they ask for is
 * said in two ways: an entry {@code DT_NEEDED} that points to the name, and for the versions of
 * symbols a record that points to the same name and has its hash. {@link #replace} changes the
 * name, which is of the same length, and the hash.
 */
final class ElfNeeds {
  // The file's header, and where in it is what
  private static final int MAGIC = 0x464c457f;
  private static final int CLASS_64 = 2;
  private static final int X86_64 = 62;
  private static final int HEADER_SIZE = 64;
  private static final int AT_CLASS = 4;
  private static final int AT_MACHINE = 18;
  private static final int AT_PROGRAM_HEADERS = 32;
  private static final int AT_PROGRAM_HEADER_SIZE = 54;
  private static final int AT_PROGRAM_HEADER_COUNT = 56;
  // Program headers
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int AT_OFFSET = 8;
  private static final int AT_ADDRESS = 16;
  private static final int AT_FILE_SIZE = 32;
  // Entries of the dynamic section: a tag and a value
  private static final int DYNAMIC_SIZE = 16;
  private static final long DT_NEEDED = 1;
  private static final long DT_STRTAB = 5;
  private static final long DT_VERNEED = 0x6ffffffeL;
  private static final long DT_VERNEEDNUM = 0x6fffffffL;
  // Elf64_Verneed, one per library, and Elf64_Vernaux, one per version of that
  private static final int VERNEED_COUNT = 2;
  private static final int VERNEED_FIRST = 8;
  private static final int VERNEED_NEXT = 12;
  private static final int VERNAUX_NAME = 8;
  private static final int VERNAUX_NEXT = 12;

  private final ByteBuffer file;

  private ElfNeeds(byte[] file) {
    this.file = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (file.length < HEADER_SIZE
        || this.file.getInt(0) != MAGIC
        || file[AT_CLASS] != CLASS_64
        || this.file.getShort(AT_MACHINE) != X86_64) {
      throw new IllegalArgumentException("not a library of Linux on x86-64");
    }
  }

  /** A copy of a library that needs {@code wanted} where it needed {@code needed}. */
  static byte[] replace(byte[] library, String needed, String wanted) {
    if (needed.length() != wanted.length()) {
      throw new IllegalArgumentException(
          "names of different lengths, " + needed + " and " + wanted + ", have no room");
    }
    byte[] copy = library.clone();
    ElfNeeds elf = new ElfNeeds(copy);
    elf.rehash(needed, wanted);
    if (!elf.rename(needed, wanted)) {
      throw new IllegalArgumentException("the library does not need " + needed);
    }
    return copy;
  }

  private boolean rename(String needed, String wanted) {
    for (int at = dynamic(); file.getLong(at) != 0; at += DYNAMIC_SIZE) {
      int name = name(file.getLong(at + Long.BYTES));
      if (file.getLong(at) == DT_NEEDED && text(name).equals(needed)) {
        file.put(name, wanted.getBytes(StandardCharsets.US_ASCII));
        return true;
      }
    }
    return false;
  }

  /** Before {@link #rename}, since versions are found by their old name. */
  private void rehash(String needed, String wanted) {
    long libraries = value(DT_VERNEEDNUM);
    int library = libraries == 0 ? 0 : offset(value(DT_VERNEED));
    for (long i = 0; i < libraries; i++) {
      int version = library + file.getInt(library + VERNEED_FIRST);
      for (int count = file.getShort(library + VERNEED_COUNT); count > 0; count--) {
        if (text(name(file.getInt(version + VERNAUX_NAME))).equals(needed)) {
          file.putInt(version, hash(wanted));
        }
        version += file.getInt(version + VERNAUX_NEXT);
      }
      library += file.getInt(library + VERNEED_NEXT);
    }
  }

  private int dynamic() {
    for (int i = 0; i < file.getShort(AT_PROGRAM_HEADER_COUNT); i++) {
      if (file.getInt(programHeader(i)) == PT_DYNAMIC) {
        return (int) file.getLong(programHeader(i) + AT_OFFSET);
      }
    }
    throw new IllegalArgumentException("the library has no dynamic section");
  }

  /** The value of a tag of the dynamic section, 0 if it is not there. */
  private long value(long tag) {
    for (int at = dynamic(); file.getLong(at) != 0; at += DYNAMIC_SIZE) {
      if (file.getLong(at) == tag) {
        return file.getLong(at + Long.BYTES);
      }
    }
    return 0;
  }

  private int name(long inStrings) {
    return (int) (offset(value(DT_STRTAB)) + inStrings);
  }

  private int programHeader(int index) {
    return (int) file.getLong(AT_PROGRAM_HEADERS) + index * file.getShort(AT_PROGRAM_HEADER_SIZE);
  }

  /** Where in the file is what the loader puts at an address. */
  private int offset(long address) {
    for (int i = 0; i < file.getShort(AT_PROGRAM_HEADER_COUNT); i++) {
      int header = programHeader(i);
      long start = file.getLong(header + AT_ADDRESS);
      if (file.getInt(header) == PT_LOAD
          && address >= start
          && address < start + file.getLong(header + AT_FILE_SIZE)) {
        return (int) (address - start + file.getLong(header + AT_OFFSET));
      }
    }
    throw new IllegalArgumentException("the library has no bytes for its address " + address);
  }

  private String text(int at) {
    int end = at;
    while (end < file.limit() && file.get(end) != 0) {
      end++;
    }
    return new String(file.array(), at, end - at, StandardCharsets.US_ASCII);
  }

  /** The hash function of the System V ABI. */
  static int hash(String name) {
    int hash = 0;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash << 4) + name.charAt(i);
      int high = hash & 0xf0000000;
      hash = (hash ^ high >>> 24) & ~high;
    }
    return hash;
  }
}
