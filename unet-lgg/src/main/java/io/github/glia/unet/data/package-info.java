/** Slices of MRI volumes: reading them from folders, splitting, augmenting and batching. */
package io.github.glia.unet.data;
