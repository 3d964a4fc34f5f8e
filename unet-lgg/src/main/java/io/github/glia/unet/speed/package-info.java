/** How fast a U-Net is on a device, and how fast the device could be. */
package io.github.glia.unet.speed;
