package io.github.glia.kernels;

import java.util.Map;

/**
 * An operation made ready for one shape, type and device. It owns descriptors and chosen
 * algorithms, is made once and cached, and computing with it looks nothing up.
 *
 * <p>A plan writes into tensors that its caller made, and keeps none of them.
 */
public interface Plan {
  /**
   * What the vendor's library chose, by the direction it chose it for: {@code forward ->
   * brg_conv_fwd:avx512_core}. Directions that were not asked for yet are not there, and operations
   * of plain Java have no entry.
   */
  Map<String, String> implementations();

  /** Frees the native resources. For the cache that owns the plan. */
  void close();
}
