/** Numbers as whole multiples of a step, in bytes. */
package io.github.glia.kernels.quantize;
