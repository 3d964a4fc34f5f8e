/** Training: options, steps, checkpoints that a run goes on from, and metrics of each epoch. */
package io.github.glia.unet.train;
