/**
 * How good the masks are: metrics against the truth, what went wrong, and the report that shows it.
 */
package io.github.glia.unet.evaluate;
