package io.github.glia.unet.evaluate;

/**
 * One pass over the training data. What was not measured is not a number.
 *
 * @param number from 1
 */
public record Epoch(
    int number,
    double trainLoss,
    double validationLoss,
    double validationDice,
    double learningRate,
    double seconds) {}
