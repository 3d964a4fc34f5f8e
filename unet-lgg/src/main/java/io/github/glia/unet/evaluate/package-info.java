/** How well masks were predicted: metrics, and reports of them. */
package io.github.glia.unet.evaluate;
