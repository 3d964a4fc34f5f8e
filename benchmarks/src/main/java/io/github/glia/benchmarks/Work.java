package io.github.glia.benchmarks;

import java.util.Map;
import java.util.function.Supplier;

/**
 * What a benchmark calls.
 *
 * @param flops multiplications and additions of a call; 0 where only memory counts
 * @param bytes of the tensors that a call reads or writes, each once; 0 where they do not count
 * @param implementations what the vendor's library chose
 */
record Work(Runnable call, long flops, long bytes, Supplier<Map<String, String>> implementations) {}
