package io.github.glia.unet.train;

import io.github.glia.unet.data.Batches;
import io.github.glia.unet.data.Batches.Batch;

/** One step of training: the gradients of a batch, or of several, then a change of the network. */
final class LearningStep {
  private final Learner learner;
  private final Batches batches;
  private final LearningRate rate;
  private final EpochLength length;

  LearningStep(Learner learner, Batches batches, LearningRate rate, EpochLength length) {
    this.learner = learner;
    this.batches = batches;
    this.rate = rate;
    this.length = length;
  }

  /**
   * Makes the step that comes next, and counts it.
   *
   * @return the mean loss of its batches
   * @throws DivergedException if it is not sane: then the network is as it was
   */
  double make(RunState state) {
    int group = length.batchesOfStep(state.batch);
    float scale = learner.lossScale(state.lossScale);
    double loss = 0;
    for (int i = 0; i < group; i++) {
      Batch batch = nextBatch(state, state.batch + i);
      double batchLoss = learner.addGradients(batch, state.batches + i, scale / group);
      batches.release(batch);
      requireSane(batchLoss, state);
      loss += batchLoss / group;
      state.lossSum += batchLoss * batch.count();
      state.slices += batch.count();
    }
    changeNetwork(scale, state);
    state.batch += group;
    state.batches += group;
    state.steps++;
    state.recentLoss = LossWatch.recent(state.recentLoss, loss);
    return loss;
  }

  private void changeNetwork(float scale, RunState state) {
    if (learner.step(rate.of(state), scale, state.steps)) {
      state.lossScale = LossScale.afterGoodStep(state.lossScale);
      return;
    }
    state.lossScale = LossScale.afterOverflow(state.lossScale);
    if (LossScale.isExhausted(state.lossScale)) {
      throw diverged(state, "gradients overflow in F16, however small the loss is scaled,");
    }
  }

  private Batch nextBatch(RunState state, int index) {
    Batch batch = batches.next();
    if (batch.epoch() != state.epoch || batch.index() != index) {
      throw new IllegalStateException(
          String.format(
              "batch %d of epoch %d was due, but %d of %d came",
              index, state.epoch, batch.index(), batch.epoch()));
    }
    return batch;
  }

  private void requireSane(double loss, RunState state) {
    if (!LossWatch.isSane(loss, state.recentLoss)) {
      throw diverged(
          state,
          Double.isFinite(loss)
              ? String.format("the loss exploded to %.3g, from about %.3g,", loss, state.recentLoss)
              : "the loss became " + loss);
    }
  }

  private DivergedException diverged(RunState state, String what) {
    return DivergedException.at(state, length, rate.of(state), what);
  }
}
