/** Images side by side in their channels, and apart again. */
package io.github.glia.kernels.concat;
