/**
 * What a network is: {@link io.github.glia.nn.Layer layers} that write their own backward on a
 * {@link io.github.glia.nn.Tape tape}, {@link io.github.glia.nn.Objective objectives}, {@link
 * io.github.glia.nn.Optimizer optimizers} and {@link io.github.glia.nn.WeightFile weight files}.
 */
package io.github.glia.nn;
