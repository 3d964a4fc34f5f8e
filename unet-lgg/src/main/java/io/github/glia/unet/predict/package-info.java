/** What a trained network says of slices. */
package io.github.glia.unet.predict;
