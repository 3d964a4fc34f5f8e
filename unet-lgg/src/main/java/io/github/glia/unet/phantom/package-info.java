/** Made-up brains: slices to try everything with when there is no data. */
package io.github.glia.unet.phantom;
