package io.github.glia.unet.evaluate;

/** What one epoch of training came to. */
public record Epoch(
    int number,
    double trainLoss,
    double validationLoss,
    double validationDice,
    double learningRate,
    double seconds) {}
