/** A U-Net that finds lower-grade gliomas in MRI slices. */
package io.github.glia.unet;
