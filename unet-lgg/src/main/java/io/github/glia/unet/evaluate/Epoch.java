package io.github.glia.unet.evaluate;

/**
 * One pass over the training data. What was not measured is not a number.
 *
 * @param number from 1
 * @param shareWaited the share of its training steps that was spent waiting for data, 0 to 1
 */
public record Epoch(
    int number,
    double trainLoss,
    double validationLoss,
    double validationDice,
    double learningRate,
    double seconds,
    double shareWaited) {}
