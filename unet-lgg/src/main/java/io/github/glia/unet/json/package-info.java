/** Reads and writes JSON. */
package io.github.glia.unet.json;
