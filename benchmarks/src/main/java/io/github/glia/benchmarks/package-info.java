/** How fast it is: kernels with JMH, whole steps side by side with the peers. */
package io.github.glia.benchmarks;
