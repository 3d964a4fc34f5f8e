/** What an optimizer does with the gradients of a whole network at once. */
package io.github.glia.kernels.update;
