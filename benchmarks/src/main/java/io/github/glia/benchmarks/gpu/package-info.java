/** What a device must show before it is believed; {@code benchmarks/gpu/prove.sh} runs it all. */
package io.github.glia.benchmarks.gpu;
