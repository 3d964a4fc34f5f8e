package io.github.glia.tensor;

/** A part of a segment of memory, linked with the parts next to it. */
final class Range {
  final long address;
  long size;
  boolean free;
  Range before;
  Range after;

  Range(long address, long size) {
    this.address = address;
    this.size = size;
  }

  boolean isWholeSegment() {
    return before == null && after == null;
  }

  /** Shortens this range to a size, and returns the rest, which is free. */
  Range cut(long keptSize) {
    Range rest = new Range(address + keptSize, size - keptSize);
    rest.free = true;
    rest.before = this;
    rest.after = after;
    if (after != null) {
      after.before = rest;
    }
    after = rest;
    size = keptSize;
    return rest;
  }

  /** Lengthens this range by the one after it, which is no more. */
  void swallowNext() {
    size += after.size;
    after = after.after;
    if (after != null) {
      after.before = this;
    }
  }
}
