/** Max and average pooling. */
package io.github.glia.kernels.pool;
